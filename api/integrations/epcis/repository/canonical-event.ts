import { canonicalTime } from "../hash/canonical-value.ts";
import { canonicalUri } from "../identifiers/canonical-uri.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";
import { canonicalTerm, expand, type Prefixes } from "../vocabulary/context.ts";
import type { Vocabulary } from "../vocabulary/terms.ts";

/*
 * An event as queries ask for it: names of extensions in full, identifiers of GS1 keys as Digital Links, words of vocabularies as addresses,
 * times in UTC. The structure stays, and values of extensions stay as sent.
 */

/** The words of a field, by where it is: `bizStep` of the event, `type` in a `sensorReport`. */
const TERMS: Readonly<Record<string, Vocabulary>> = {
  bizStep: "bizStep",
  disposition: "disposition",
  set: "disposition",
  unset: "disposition",
  reason: "errorReason",
  "bizTransactionList.type": "bizTransactionType",
  "sourceList.type": "sourceDestinationType",
  "destinationList.type": "sourceDestinationType",
  "sensorReport.type": "measurementType",
  exception: "sensorAlertType",
  component: "component",
};
const TIMES: ReadonlySet<string> = new Set([
  "eventTime",
  "recordTime",
  "declarationTime",
  "time",
  "startTime",
  "endTime",
]);
/** Texts that are no identifiers. */
const TEXTS: ReadonlySet<string> = new Set([
  "action",
  "eventTimeZoneOffset",
  "uom",
  "stringValue",
  "hexBinaryValue",
  "eventID",
  "correctiveEventIDs",
]);
/** Fields with fields of their own, all of the standard. */
const PARTS: ReadonlySet<string> = new Set([
  "errorDeclaration",
  "quantityList",
  "childQuantityList",
  "inputQuantityList",
  "outputQuantityList",
  "persistentDisposition",
  "readPoint",
  "bizLocation",
  "bizTransactionList",
  "sourceList",
  "destinationList",
  "sensorElementList",
  "sensorMetadata",
  "sensorReport",
]);

/** The event in this form. */
export const canonicalEvent = (event: JsonObject, prefixes: Prefixes): JsonObject =>
  canonicalPart(event, undefined, prefixes);

function canonicalPart(part: JsonObject, parent: string | undefined, prefixes: Prefixes): JsonObject {
  const fields = Object.entries(part).filter(([name]) => name !== "@context");
  return Object.fromEntries(
    fields.map(([name, value]): [string, Json] => {
      if (name.includes(":")) return [expand(name, prefixes), extension(value, prefixes)];
      if (parent === undefined && name === "type" && typeof value === "string") return [name, expand(value, prefixes)];
      if (name === "ilmd") return [name, extension(value, prefixes)];
      return [name, canonicalField(name, parent, value, prefixes)];
    }),
  );
}

function canonicalField(name: string, parent: string | undefined, value: Json, prefixes: Prefixes): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((each) => canonicalField(name, parent, each, prefixes));
  }
  if (isObject(value)) return PARTS.has(name) ? canonicalPart(value, name, prefixes) : extension(value, prefixes);
  if (typeof value !== "string" || TEXTS.has(name)) return value;
  if (TIMES.has(name)) return canonicalTime(value);
  const terms = TERMS[`${parent}.${name}`] ?? TERMS[name];
  if (terms !== undefined) return canonicalTerm(terms, value, prefixes);
  return canonicalUri(value);
}

/** Names in full; values as they are. */
function extension(value: Json, prefixes: Prefixes): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => extension(each, prefixes));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [expand(name, prefixes), extension(inner, prefixes)]),
  );
}
