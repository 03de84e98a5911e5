import { encodingOf, type Tag } from "./epc-binary.ts";
import { ENCODINGS } from "./epc-encodings.ts";
import { type Epc, hasSerial, type SchemeFields, SCHEMES } from "./epc-schemes.ts";

const PURE_IDENTITY = /^urn:epc:id:([a-z]+):(.*)$/i;
const TAG_URI = /^urn:epc:tag:([a-z]+-(?:\d+|var)):([0-7])\.(.*)$/i;

/** Serials in URIs: GS1 AI character set 82, reserved characters percent-escaped (EPC TDS 2.0 §5.4, §6.3.1). */
const SERIAL = /^(?:[A-Za-z0-9!'()*+,\-.:;=_]|%2[2356F]|%3[CEF])+$/i;
/** A component part reference in a URI: AI character set 39 (EPC TDS 2.0 §6.3.11). */
const PART = /^(?:[A-Z0-9-]|%2[3F])+$/i;

/** A tag URI with the encoding that it names. */
export interface EncodedTag extends Tag {
  encoding: string;
}

/** `urn:epc:id:sgtin:0614141.812345.6789` */
export function formatPureIdentity(epc: Epc): string {
  return `urn:epc:id:${epc.scheme}:${formatFields(epc)}`;
}

function formatFields({ scheme, companyPrefix, reference, serial, piece }: Epc): string {
  const pieces = piece === undefined ? [] : [piece.slice(0, 2), piece.slice(2)];
  return [companyPrefix, reference, ...pieces, ...(hasSerial(scheme) ? [serial] : [])].join(".");
}

/** `urn:epc:tag:sgtin-96:3.0614141.812345.6789`, in the shortest encoding that holds it unless one is given. */
export function formatTagUri(tag: Tag, encoding = encodingOf(tag)): string {
  return `urn:epc:tag:${encoding ?? `${tag.epc.scheme}-96`}:${tag.filter}.${formatFields(tag.epc)}`;
}

/** Parses a pure identity URI; undefined when its scheme is unknown, or its fields break the rules of the scheme. */
export function parsePureIdentity(uri: string): Epc | undefined {
  const match = PURE_IDENTITY.exec(uri);
  return match ? parseFields(match[1] ?? "", match[2] ?? "") : undefined;
}

/** Parses a tag URI of a known encoding. */
export function parseTagUri(uri: string): EncodedTag | undefined {
  const match = TAG_URI.exec(uri);
  const encoding = match && ENCODINGS.find(({ name }) => name === match[1]?.toLowerCase());
  const epc = encoding ? parseFields(encoding.scheme, match?.[3] ?? "") : undefined;
  return epc && { epc, filter: Number(match?.[2]), encoding: encoding!.name };
}

function parseFields(name: string, text: string): Epc | undefined {
  const fields = SCHEMES.find(({ scheme }) => scheme === name.toLowerCase());
  if (!fields) return undefined;
  const { scheme } = fields;
  const [companyPrefix = "", reference, ...rest] = text.split(".");
  if (!/^\d{6,12}$/.test(companyPrefix) || reference === undefined) return undefined;
  if (scheme === "giai") {
    // The reference of a GIAI may contain dots.
    const asset = [reference, ...rest].join(".");
    const fits = SERIAL.test(asset) && companyPrefix.length + lengthOf(asset) <= 30;
    return fits ? { scheme, companyPrefix, reference: upperEscapes(asset), serial: "" } : undefined;
  }
  if (!fitsReference(fields, companyPrefix, reference)) return undefined;
  const epc = { scheme, companyPrefix, reference: scheme === "cpi" ? upperEscapes(reference) : reference };
  if (fields.serialLength === undefined) return rest.length === 0 ? { ...epc, serial: "" } : undefined;
  const piece = scheme === "itip" ? rest.splice(0, 2) : undefined;
  if (piece && !(piece.length === 2 && piece.every((part) => /^\d\d$/.test(part)))) return undefined;
  // Serials may contain dots.
  const serial = rest.join(".");
  if (!SERIAL.test(serial) || lengthOf(serial) > fields.serialLength) return undefined;
  if (fields.isNumeric && !(scheme === "cpi" ? /^(0|[1-9]\d*)$/ : /^\d+$/).test(serial)) return undefined;
  return { ...epc, serial: upperEscapes(serial), ...(piece && { piece: piece.join("") }) };
}

function fitsReference({ scheme, keyDigits }: SchemeFields, prefix: string, reference: string): boolean {
  if (scheme === "cpi") return PART.test(reference) && prefix.length + lengthOf(reference) <= 30;
  return keyDigits !== undefined && reference.length === keyDigits - prefix.length && /^\d*$/.test(reference);
}

/** Escapes in upper case, so that one serial has one spelling. */
const upperEscapes = (text: string): string =>
  text.includes("%") ? text.replaceAll(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase()) : text;

/** The number of characters of a percent-escaped text. */
const lengthOf = (escaped: string): number => escaped.replaceAll(/%[0-9A-F]{2}/gi, "_").length;
