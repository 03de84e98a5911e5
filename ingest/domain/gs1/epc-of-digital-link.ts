import { parseDigitalLink } from "./digital-link.ts";
import type { Elements } from "./element-string.ts";
import { escapeEpc } from "./epc-escapes.ts";
import type { Epc } from "./epc-schemes.ts";
import { formatPureIdentity, parsePureIdentity } from "./epc-uri.ts";

/**
 * The EPC of a Digital Link. GS1 keys do not separate company prefix and reference, so the length of the prefix must be
 * known (EPC TDS 2.0 §7).
 * @returns undefined without that length, and when the link identifies a class of objects instead of a single one
 */
export function epcOfDigitalLink(text: string, companyPrefixLength: number | undefined): Epc | undefined {
  if (companyPrefixLength === undefined || companyPrefixLength < 6 || companyPrefixLength > 12) return undefined;
  const link = parseDigitalLink(text);
  return link.ok ? epcOfElements(link.elements, companyPrefixLength) : undefined;
}

/** The same for elements read from a barcode. */
export function epcOfElements(elements: Elements, companyPrefixLength: number): Epc | undefined {
  const epc = fieldsOf(elements, companyPrefixLength);
  // parsePureIdentity has the rules of each scheme: an EPC that breaks one is undefined here too.
  return epc && parsePureIdentity(formatPureIdentity(epc));
}

function fieldsOf(elements: Elements, length: number): Epc | undefined {
  const serial = escapeEpc(elements.get("21") ?? "");
  const gtin = elements.get("01");
  if (gtin !== undefined && serial !== "") return { scheme: "sgtin", ...leadingDigitAfterPrefix(gtin, length), serial };
  const itip = elements.get("8006");
  if (itip !== undefined && serial !== "") {
    const key = leadingDigitAfterPrefix(itip.slice(0, 14), length);
    return { scheme: "itip", ...key, serial, piece: itip.slice(14) };
  }
  const sscc = elements.get("00");
  if (sscc !== undefined) return { scheme: "sscc", ...leadingDigitAfterPrefix(sscc, length), serial: "" };
  const gln = elements.get("414");
  if (gln !== undefined) {
    return { scheme: "sgln", ...split(gln.slice(0, -1), length), serial: escapeEpc(elements.get("254") ?? "0") };
  }
  return fieldsOfAsset(elements, length);
}

/** Assets, documents, coupons, parts and service relations. */
function fieldsOfAsset(elements: Elements, length: number): Epc | undefined {
  const grai = elements.get("8003");
  if (grai !== undefined && grai.length > 14) {
    return { scheme: "grai", ...split(grai.slice(1, 13), length), serial: escapeEpc(grai.slice(14)) };
  }
  for (const [ai, scheme] of [
    ["253", "gdti"],
    ["255", "sgcn"],
  ] as const) {
    const key = elements.get(ai);
    if (key !== undefined && key.length > 13) {
      return { scheme, ...split(key.slice(0, 12), length), serial: escapeEpc(key.slice(13)) };
    }
  }
  for (const [ai, scheme] of [
    ["8018", "gsrn"],
    ["8017", "gsrnp"],
  ] as const) {
    const key = elements.get(ai);
    if (key !== undefined) return { scheme, ...split(key.slice(0, 17), length), serial: "" };
  }
  const [cpid, partSerial] = [elements.get("8010"), elements.get("8011")];
  if (cpid !== undefined && partSerial !== undefined) {
    const { companyPrefix, reference } = split(cpid, length);
    return { scheme: "cpi", companyPrefix, reference: escapeEpc(reference), serial: partSerial };
  }
  const giai = elements.get("8004");
  if (giai === undefined) return undefined;
  const { companyPrefix, reference } = split(giai, length);
  return { scheme: "giai", companyPrefix, reference: escapeEpc(reference), serial: "" };
}

const split = (key: string, length: number) => ({ companyPrefix: key.slice(0, length), reference: key.slice(length) });

/** Indicator and extension digits come before the prefix in print, and after it in an EPC; the check digit is left out. */
function leadingDigitAfterPrefix(key: string, length: number) {
  const { companyPrefix, reference } = split(key.slice(1, -1), length);
  return { companyPrefix, reference: key.slice(0, 1) + reference };
}
