import { type Epc, type EpcScheme, hasSerial, layoutOf, SCHEMES } from "./epc-schemes.ts";
import type { Tag } from "./epc-binary.ts";

const PURE_IDENTITY = /^urn:epc:id:([a-z]+):(.*)$/i;
const TAG_URI = /^urn:epc:tag:([a-z]+)-96:([0-7])\.(.*)$/i;

/** Serials in URIs: GS1 AI character set 82, reserved characters percent-escaped (EPC TDS 2.0 §5.4, §6.3.1). */
const SERIAL = /^(?:[A-Za-z0-9!'()*+,\-.:;=_]|%2[2356F]|%3[CEF])+$/i;

/** Longest serial by scheme (EPC TDS 2.0 §6.3.1, §6.3.3–6.3.5). */
const SERIAL_LENGTH = { sgtin: 20, sgln: 20, grai: 16 } as const satisfies Partial<Record<EpcScheme, number>>;

/** `urn:epc:id:sgtin:0614141.812345.6789` */
export function formatPureIdentity({ scheme, companyPrefix, reference, serial }: Epc): string {
  const fields = hasSerial(scheme) ? [companyPrefix, reference, serial] : [companyPrefix, reference];
  return `urn:epc:id:${scheme}:${fields.join(".")}`;
}

/** `urn:epc:tag:sgtin-96:3.0614141.812345.6789` */
export function formatTagUri({ epc, filter }: Tag): string {
  return formatPureIdentity(epc).replace(`urn:epc:id:${epc.scheme}:`, `urn:epc:tag:${epc.scheme}-96:${filter}.`);
}

/** Parses a pure identity URI; undefined when its scheme is unknown, or its fields break the rules of the scheme. */
export function parsePureIdentity(uri: string): Epc | undefined {
  const match = PURE_IDENTITY.exec(uri);
  return match ? parseFields(match[1] ?? "", match[2] ?? "") : undefined;
}

/** Parses a tag URI of a 96-bit scheme. */
export function parseTagUri(uri: string): Tag | undefined {
  const match = TAG_URI.exec(uri);
  const epc = match ? parseFields(match[1] ?? "", match[3] ?? "") : undefined;
  return epc && { epc, filter: Number(match?.[2]) };
}

function parseFields(name: string, text: string): Epc | undefined {
  const scheme = SCHEMES.find((layout) => layout.scheme === name.toLowerCase())?.scheme;
  if (!scheme) return undefined;
  const [companyPrefix = "", reference, ...rest] = text.split(".");
  // Serials, and the reference of a GIAI, may contain dots.
  const tail = rest.join(".");
  if (!/^\d{6,12}$/.test(companyPrefix) || reference === undefined) return undefined;
  if (scheme === "giai") {
    const asset = rest.length > 0 ? `${reference}.${tail}` : reference;
    const fits = SERIAL.test(asset) && companyPrefix.length + lengthOf(asset) <= 30;
    return fits ? { scheme, companyPrefix, reference: asset, serial: "" } : undefined;
  }
  const referenceDigits = (layoutOf(scheme).keyDigits ?? 0) - companyPrefix.length;
  if (reference.length !== referenceDigits || !/^\d*$/.test(reference)) return undefined;
  if (scheme === "sscc") return rest.length === 0 ? { scheme, companyPrefix, reference, serial: "" } : undefined;
  const fits = SERIAL.test(tail) && lengthOf(tail) <= SERIAL_LENGTH[scheme];
  return fits ? { scheme, companyPrefix, reference, serial: tail } : undefined;
}

/** The number of characters of a percent-escaped text. */
const lengthOf = (escaped: string): number => escaped.replaceAll(/%[0-9A-F]{2}/gi, "_").length;
