import { epcOfDigitalLink } from "../../../../ingest/domain/gs1/epc-of-digital-link.ts";
import { escapeEpc } from "../../../../ingest/domain/gs1/epc-escapes.ts";
import { formatPureIdentity } from "../../../../ingest/domain/gs1/epc-uri.ts";
import { parseDigitalLink } from "../../../../ingest/domain/gs1/digital-link.ts";
import { digitalLinkOfUrn } from "../identifiers/epc-urn.ts";
import { isObject, type Json, type JsonObject } from "../json.ts";

/** How identifiers of GS1 keys are spelled in an answer (EPCIS 2.0 §8.2.1, header `GS1-EPC-Format`). */
export const EPC_FORMATS = ["No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates"] as const;
export type EpcFormat = (typeof EPC_FORMATS)[number];

/** The format that a header asks for; undefined: there is none of this name. */
export const epcFormatOf = (header: string | undefined): EpcFormat | undefined =>
  header === undefined ? "No_Preference" : EPC_FORMATS.find((format) => format === header.trim());

/** Fields of events that hold identifiers; of objects in them, these too. */
const IDENTIFIERS: ReadonlySet<string> = new Set([
  "epcList",
  "childEPCs",
  "inputEPCList",
  "outputEPCList",
  "parentID",
  "epcClass",
  "id",
  "bizTransaction",
  "source",
  "destination",
  "transformationID",
  "deviceID",
]);
const PARTS: ReadonlySet<string> = new Set([
  "quantityList",
  "childQuantityList",
  "inputQuantityList",
  "outputQuantityList",
  "readPoint",
  "bizLocation",
  "bizTransactionList",
  "sourceList",
  "destinationList",
  "sensorElementList",
  "sensorMetadata",
  "sensorReport",
]);

/**
 * The text of an event with its identifiers in a format; all else of it stays letter by letter. `No_Preference` and `Never_Translates` leave
 * it as it was sent. A Digital Link does not tell how long its company prefix is: it becomes a URN where that is known, and stays elsewhere.
 * @param companyPrefixes those that are known, e.g. the platform's own
 */
export function inEpcFormat(body: string, format: EpcFormat, companyPrefixes: readonly string[]): string {
  if (format === "No_Preference" || format === "Never_Translates") return body;
  const translate = format === "Always_GS1_Digital_Link" ? digitalLinkOfUrn : urnWith(companyPrefixes);
  const translated = new Map<string, string>();
  for (const identifier of identifiersOf(JSON.parse(body) as JsonObject)) {
    const other = translate(identifier);
    if (other !== undefined && other !== identifier) translated.set(identifier, other);
  }
  if (translated.size === 0) return body;
  // A text before a colon is a name.
  return body.replaceAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g, (token, text: string, colon: string | undefined) => {
    const other = colon === undefined ? translated.get(JSON.parse(text) as string) : undefined;
    return other === undefined ? token : JSON.stringify(other);
  });
}

/** One identifier in a format. */
export function identifierIn(identifier: string, format: EpcFormat, companyPrefixes: readonly string[]): string {
  if (format === "Always_GS1_Digital_Link") return digitalLinkOfUrn(identifier) ?? identifier;
  if (format === "Always_EPC_URN") return urnWith(companyPrefixes)(identifier) ?? identifier;
  return identifier;
}

function* identifiersOf(part: JsonObject): Generator<string> {
  for (const [name, value] of Object.entries(part)) {
    for (const each of Array.isArray(value) ? (value as readonly Json[]) : [value]) {
      if (typeof each === "string" && IDENTIFIERS.has(name)) yield each;
      else if (isObject(each) && PARTS.has(name)) yield* identifiersOf(each);
    }
  }
}

const KEYS_WITH_PREFIX = ["01", "8006", "00", "414", "8003", "253", "255", "8018", "8017", "8010", "8004"];

/** The URN of a Digital Link whose company prefix is one of these. */
const urnWith =
  (companyPrefixes: readonly string[]) =>
  (identifier: string): string | undefined => {
    if (companyPrefixes.length === 0 || !/^https?:/i.test(identifier)) return undefined;
    const link = parseDigitalLink(identifier);
    if (!link.ok) return undefined;
    const ai = KEYS_WITH_PREFIX.find((key) => link.elements.has(key));
    const key = ai === undefined ? undefined : link.elements.get(ai);
    if (key === undefined) return undefined;
    // An indicator or extension digit comes first in GTIN and SSCC, and a zero in a GRAI.
    const digits = ["01", "8006", "00", "8003"].includes(ai!) ? key.slice(1) : key;
    const prefix = companyPrefixes.find((each) => digits.startsWith(each));
    if (prefix === undefined) return undefined;
    const epc = epcOfDigitalLink(identifier, prefix.length);
    return epc ? formatPureIdentity(epc) : classUrn(link.elements, prefix);
  };

/** A class of trade items: of a lot, or all. */
function classUrn(elements: ReadonlyMap<string, string>, prefix: string): string | undefined {
  const gtin = elements.get("01");
  if (gtin === undefined || elements.has("21")) return undefined;
  const item = `${prefix}.${gtin.slice(0, 1)}${gtin.slice(1 + prefix.length, -1)}`;
  const lot = elements.get("10");
  if (lot === undefined) return `urn:epc:idpat:sgtin:${item}.*`;
  return `urn:epc:class:lgtin:${item}.${escapeEpc(lot)}`;
}
