import { hashId } from "../hash/hash-id.ts";
import { isObject, type Json, type JsonObject, listOf, textOf, textsOf } from "../json.ts";
import { prefixesOf } from "../vocabulary/context.ts";
import { canonicalEvent } from "./canonical-event.ts";

/** What queries ask of an event, as columns of `epcis_events`. */
export interface EventColumns {
  eventId: string;
  hashId: string;
  type: string;
  action: string | null;
  eventTime: string;
  timeZoneOffset: string;
  bizStep: string | null;
  disposition: string | null;
  setDispositions: string[];
  unsetDispositions: string[];
  readPoint: string | null;
  bizLocation: string | null;
  epcs: string[];
  parentId: string | null;
  inputEpcs: string[];
  outputEpcs: string[];
  anyEpcs: string[];
  epcClasses: string[];
  inputClasses: string[];
  outputClasses: string[];
  anyClasses: string[];
  transformationId: string | null;
  bizTransactions: string[];
  sources: string[];
  destinations: string[];
  errorDeclaredAt: string | null;
  errorReason: string | null;
  correctiveIds: string[];
  canonical: JsonObject;
}

/**
 * The columns of an event that the schema accepts. One without an id has its hash id.
 * @param context the `@context` of its document
 */
export function eventColumns(event: JsonObject, context: Json | undefined): EventColumns {
  const prefixes = prefixesOf(context, event["@context"]);
  const canonical = canonicalEvent(event, prefixes);
  const hash = hashId(event, prefixes);
  const epcs = [...textsOf(canonical.epcList), ...textsOf(canonical.childEPCs)];
  const [inputEpcs, outputEpcs] = [textsOf(canonical.inputEPCList), textsOf(canonical.outputEPCList)];
  const parentId = textOf(canonical.parentID);
  const epcClasses = [...classesOf(canonical.quantityList), ...classesOf(canonical.childQuantityList)];
  const inputClasses = classesOf(canonical.inputQuantityList);
  const outputClasses = classesOf(canonical.outputQuantityList);
  const dispositions = partOf(canonical.persistentDisposition);
  const error = partOf(canonical.errorDeclaration);
  return {
    eventId: textOf(event.eventID) ?? hash,
    hashId: hash,
    type: textOf(canonical.type) ?? "",
    action: textOf(canonical.action),
    eventTime: textOf(canonical.eventTime) ?? "",
    timeZoneOffset: textOf(canonical.eventTimeZoneOffset) ?? "",
    bizStep: textOf(canonical.bizStep),
    disposition: textOf(canonical.disposition),
    setDispositions: textsOf(dispositions.set),
    unsetDispositions: textsOf(dispositions.unset),
    readPoint: textOf(partOf(canonical.readPoint).id),
    bizLocation: textOf(partOf(canonical.bizLocation).id),
    epcs: distinct(epcs),
    parentId,
    inputEpcs: distinct(inputEpcs),
    outputEpcs: distinct(outputEpcs),
    anyEpcs: distinct([...epcs, ...(parentId === null ? [] : [parentId]), ...inputEpcs, ...outputEpcs]),
    epcClasses: distinct(epcClasses),
    inputClasses: distinct(inputClasses),
    outputClasses: distinct(outputClasses),
    anyClasses: distinct([...epcClasses, ...inputClasses, ...outputClasses]),
    transformationId: textOf(canonical.transformationID),
    bizTransactions: pairsOf(canonical.bizTransactionList, "bizTransaction"),
    sources: pairsOf(canonical.sourceList, "source"),
    destinations: pairsOf(canonical.destinationList, "destination"),
    errorDeclaredAt: textOf(error.declarationTime),
    errorReason: textOf(error.reason),
    correctiveIds: textsOf(error.correctiveEventIDs),
    canonical,
  };
}

const partOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {});
const partsOf = (value: Json | undefined): JsonObject[] => listOf(value).filter(isObject);
const classesOf = (list: Json | undefined): string[] => partsOf(list).flatMap(({ epcClass }) => textsOf(epcClass));
const distinct = (texts: readonly string[]): string[] => [...new Set(texts)];
/** `type value` of each. */
const pairsOf = (list: Json | undefined, name: string): string[] =>
  distinct(partsOf(list).map((pair) => `${textOf(pair.type) ?? ""} ${textOf(pair[name]) ?? ""}`));
