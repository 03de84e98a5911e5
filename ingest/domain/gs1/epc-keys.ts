import { withCheckDigit } from "./check-digit.ts";
import { unescapeEpc } from "./epc-escapes.ts";
import type { Epc } from "./epc-schemes.ts";

/** The GS1 keys of an EPC: the digits that are printed under a barcode (EPC TDS 2.0 §7). */
export interface Gs1Keys {
  /** of an SGTIN, or of the trade item that an ITIP is a piece of */
  gtin?: string;
  sscc?: string;
  gln?: string;
  /** 13 digits: the asset type without its serial */
  grai?: string;
  giai?: string;
  /** 13 digits: the document type without its serial */
  gdti?: string;
  /** 18 digits: a service relation, of a recipient or of a provider */
  gsrn?: string;
  /** 13 digits: the coupon without its serial */
  gcn?: string;
  /** company prefix and component part reference */
  cpid?: string;
  /** two digits each, e.g. `0102`: the first of two pieces */
  piece?: string;
}

/** The printed keys: the indicator or extension digit comes first, and the check digit last. */
export function gs1KeysOf({ scheme, companyPrefix, reference, piece }: Epc): Gs1Keys {
  const whole = () => withCheckDigit(companyPrefix + reference);
  switch (scheme) {
    case "sgtin":
      return { gtin: withCheckDigit(leadingDigitFirst(companyPrefix, reference)) };
    case "itip":
      return { gtin: withCheckDigit(leadingDigitFirst(companyPrefix, reference)), piece: piece ?? "" };
    case "sscc":
      return { sscc: withCheckDigit(leadingDigitFirst(companyPrefix, reference)) };
    case "sgln":
      return { gln: whole() };
    case "grai":
      return { grai: whole() };
    case "gdti":
      return { gdti: whole() };
    case "gsrn":
    case "gsrnp":
      return { gsrn: whole() };
    case "sgcn":
      return { gcn: whole() };
    case "giai":
      return { giai: companyPrefix + unescapeEpc(reference) };
    case "cpi":
      return { cpid: companyPrefix + unescapeEpc(reference) };
  }
}

/** The EPC as a GS1 Digital Link URI in canonical form (GS1 Digital Link: URI Syntax 1.3 §4.12). */
export function digitalLinkOf(epc: Epc): string {
  const keys = gs1KeysOf(epc);
  const serial = encodeURIComponent(unescapeEpc(epc.serial));
  const path: Record<Epc["scheme"], () => string> = {
    sgtin: () => `01/${keys.gtin}/21/${serial}`,
    itip: () => `8006/${keys.gtin}${keys.piece}/21/${serial}`,
    sscc: () => `00/${keys.sscc}`,
    // Extension "0" means that there is none (EPC TDS 2.0 §7, SGLN).
    sgln: () => (epc.serial === "0" ? `414/${keys.gln}` : `414/${keys.gln}/254/${serial}`),
    // A GRAI has a leading zero, which pads it to fourteen digits (GS1 General Specifications §3.9.3).
    grai: () => `8003/0${keys.grai}${serial}`,
    giai: () => `8004/${encodeURIComponent(keys.giai ?? "")}`,
    gdti: () => `253/${keys.gdti}${serial}`,
    gsrn: () => `8018/${keys.gsrn}`,
    gsrnp: () => `8017/${keys.gsrn}`,
    sgcn: () => `255/${keys.gcn}${serial}`,
    cpi: () => `8010/${encodeURIComponent(keys.cpid ?? "")}/8011/${serial}`,
  };
  return `https://id.gs1.org/${path[epc.scheme]()}`;
}

const leadingDigitFirst = (companyPrefix: string, reference: string): string =>
  reference.slice(0, 1) + companyPrefix + reference.slice(1);
