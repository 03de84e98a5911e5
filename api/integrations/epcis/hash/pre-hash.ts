import { isObject, type Json, type JsonObject, listOf } from "../json.ts";
import type { Prefixes } from "../vocabulary/context.ts";
import { addressOf, type Vocabulary } from "../vocabulary/terms.ts";
import { canonicalTime, canonicalValue } from "./canonical-value.ts";

/*
 * The text that identifies what an event says, whatever its spelling (CBV 2.0 §8.9.2): `key=value` without separators, fields in the order of
 * the standard, members of lists in the order of their bytes, extensions by their full names at the end. Tested against the examples of GS1's reference
 * implementation.
 */

/** How a field is written: its own order of fields, the words it may use, or as a time. */
interface Field {
  name: string;
  /** the fields of its value */
  of?: readonly Field[];
  /** what each member of the list is called */
  each?: string;
  terms?: Vocabulary;
  isTime?: true;
}
const plain = (...names: readonly string[]): Field[] => names.map((name) => ({ name }));
const time = (name: string): Field => ({ name, isTime: true });
const term = (name: string, terms: Vocabulary): Field => ({ name, terms });
const epcs = (name: string): Field => ({ name, each: "epc" });
const quantities = (name: string): Field => ({
  name,
  each: "quantityElement",
  of: plain("epcClass", "quantity", "uom"),
});

const SENSOR_METADATA: readonly Field[] = [
  time("time"),
  time("startTime"),
  time("endTime"),
  ...plain("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"),
];
const SENSOR_REPORT: readonly Field[] = [
  term("type", "measurementType"),
  term("exception", "sensorAlertType"),
  ...plain("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod"),
  time("time"),
  ...plain("microorganism", "chemicalSubstance", "value"),
  term("component", "component"),
  ...plain("stringValue", "booleanValue", "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev"),
  ...plain("percRank", "percValue", "uom", "coordinateReferenceSystem"),
];
const EVENT: readonly Field[] = [
  time("eventTime"),
  ...plain("eventTimeZoneOffset", "certificationInfo"),
  epcs("epcList"),
  ...plain("parentID"),
  epcs("inputEPCList"),
  epcs("childEPCs"),
  quantities("quantityList"),
  quantities("childQuantityList"),
  quantities("inputQuantityList"),
  epcs("outputEPCList"),
  quantities("outputQuantityList"),
  ...plain("action", "transformationID"),
  term("bizStep", "bizStep"),
  term("disposition", "disposition"),
  { name: "persistentDisposition", of: [term("set", "disposition"), term("unset", "disposition")] },
  { name: "readPoint", of: plain("id") },
  { name: "bizLocation", of: plain("id") },
  {
    name: "sensorElementList",
    each: "sensorElement",
    of: [
      { name: "sensorMetadata", of: SENSOR_METADATA },
      { name: "sensorReport", of: SENSOR_REPORT },
    ],
  },
];

/** Lists of pairs. The reference implementation writes them among what else an event has; so all hash ids that are in use have them there. */
const PAIRS: readonly Field[] = [
  { name: "bizTransactionList", each: "", of: [term("type", "bizTransactionType"), ...plain("bizTransaction")] },
  { name: "sourceList", each: "", of: [term("type", "sourceDestinationType"), ...plain("source")] },
  { name: "destinationList", each: "", of: [term("type", "sourceDestinationType"), ...plain("destination")] },
];

const KNOWN: ReadonlySet<string> = new Set([...EVENT, ...PAIRS].map(({ name }) => name));

/** What the hash does not depend on: who gave the event an id, when it was recorded, whether it was declared wrong. */
const LEFT_OUT: ReadonlySet<string> = new Set(["type", "@context", "eventID", "recordTime", "errorDeclaration"]);

/** The text that is hashed. */
export function preHash(event: JsonObject, prefixes: Prefixes): string {
  const rest = [
    ...PAIRS.map((field) => fieldText(field, event[field.name], prefixes)),
    ...restTexts(event, (name) => !KNOWN.has(name) && !LEFT_OUT.has(name), prefixes),
  ];
  const ordered = EVENT.map((field) => fieldText(field, event[field.name], prefixes)).join("");
  return `eventType=${textOfScalar(event.type) ?? ""}${ordered}${sorted(rest).join("")}`;
}

/** The fields of an object in their order, then what else it has. */
function fieldsText(object: JsonObject, fields: readonly Field[], prefixes: Prefixes): string {
  const ordered = fields.map((field) => fieldText(field, object[field.name], prefixes)).join("");
  const isKnown = (name: string): boolean => fields.some((field) => field.name === name);
  return ordered + sorted(restTexts(object, (name) => !isKnown(name), prefixes)).join("");
}

function fieldText(field: Field, value: Json | undefined, prefixes: Prefixes): string {
  const { name, of, each } = field;
  const texts = listOf(value).map((member) =>
    isObject(member) ? fieldsText(member, of ?? [], prefixes) : scalarText(member, field, prefixes),
  );
  const prefix = each ?? name;
  const members = sorted(texts.filter((text) => text !== "").map((text) => prefix + text)).join("");
  return members === "" || each === undefined ? members : name + members;
}

/** `=value`; nothing for an empty one. */
function scalarText(value: Json, { terms, isTime }: Omit<Field, "name">, prefixes: Prefixes): string {
  const text = textOfScalar(value)?.trim() ?? "";
  if (text === "") return "";
  if (isTime) return `=${canonicalTime(text)}`;
  return `=${(terms && addressOf(terms, text)) ?? canonicalValue(standardName(text, prefixes))}`;
}

/** Prefixes of GS1's own vocabularies are written out in values; those of others are part of the text. */
function standardName(text: string, prefixes: Prefixes): string {
  const [prefix = "", ...local] = text.split(":");
  const address = local.length === 0 ? undefined : prefixes.get(prefix);
  return address !== undefined && /^https:\/\/(?:ref\.)?gs1\.org/.test(address) ? address + local.join(":") : text;
}

/** Fields that the standard does not know: by their full names, with all that is in them. */
function restTexts(object: JsonObject, isMeant: (name: string) => boolean, prefixes: Prefixes): string[] {
  const meant = Object.entries(object).filter(([name]) => isMeant(name) && !REMARKS.has(name));
  return meant.flatMap(([name, value]) =>
    listOf(value).map((member) => fullName(name, prefixes) + memberText(member, prefixes)),
  );
}
const REMARKS: ReadonlySet<string> = new Set(["comment", "rdfs:comment"]);

function memberText(member: Json, prefixes: Prefixes): string {
  if (isObject(member)) return sorted(restTexts(member, () => true, prefixes)).join("");
  if (Array.isArray(member)) return sorted(member.map((each: Json) => memberText(each, prefixes))).join("");
  return scalarText(member, {}, prefixes);
}

/** `example:field` → `{https://ns.example.com/epcis/}field`, as XML tools write it. */
function fullName(name: string, prefixes: Prefixes): string {
  const colon = name.indexOf(":");
  const address = colon < 0 ? undefined : prefixes.get(name.slice(0, colon));
  return address === undefined ? name : `{${address}}${name.slice(colon + 1)}`;
}

const textOfScalar = (value: Json | undefined): string | undefined =>
  value === undefined || value === null || typeof value === "object" ? undefined : String(value);

/** Characters whose order is another in UTF-8 than in UTF-16. */
const HIGH = /[\ud800-\uffff]/;

/** By the bytes of UTF-8. */
function sorted(texts: readonly string[]): readonly string[] {
  if (texts.length < 2) return texts;
  if (!texts.some((text) => HIGH.test(text))) return texts.toSorted();
  return texts
    .map((text) => Buffer.from(text))
    .sort((a, b) => Buffer.compare(a, b))
    .map(String);
}
