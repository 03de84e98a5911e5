import { withCheckDigit } from "./check-digit.ts";
import type { Epc } from "./epc-schemes.ts";

/** The GS1 keys of an EPC: the digits that are printed under a barcode (EPC TDS 2.0 §7). */
export interface Gs1Keys {
  gtin?: string;
  sscc?: string;
  gln?: string;
  /** 13 digits: the asset type without its serial */
  grai?: string;
  giai?: string;
}

/** The printed keys: the indicator or extension digit comes first, and the check digit last. */
export function gs1KeysOf({ scheme, companyPrefix, reference }: Epc): Gs1Keys {
  switch (scheme) {
    case "sgtin":
      return { gtin: withCheckDigit(leadingDigitFirst(companyPrefix, reference)) };
    case "sscc":
      return { sscc: withCheckDigit(leadingDigitFirst(companyPrefix, reference)) };
    case "sgln":
      return { gln: withCheckDigit(companyPrefix + reference) };
    case "grai":
      return { grai: withCheckDigit(companyPrefix + reference) };
    case "giai":
      return { giai: companyPrefix + unescapeEpc(reference) };
  }
}

/** The EPC as a GS1 Digital Link URI in canonical form (GS1 Digital Link: URI Syntax 1.3 §4.12). */
export function digitalLinkOf(epc: Epc): string {
  const keys = gs1KeysOf(epc);
  const serial = encodeURIComponent(unescapeEpc(epc.serial));
  const path: Record<Epc["scheme"], () => string> = {
    sgtin: () => `01/${keys.gtin}/21/${serial}`,
    sscc: () => `00/${keys.sscc}`,
    // Extension "0" means that there is none (EPC TDS 2.0 §7, SGLN).
    sgln: () => (epc.serial === "0" ? `414/${keys.gln}` : `414/${keys.gln}/254/${serial}`),
    // A GRAI has a leading zero, which pads it to fourteen digits (GS1 General Specifications §3.9.3).
    grai: () => `8003/0${keys.grai}${serial}`,
    giai: () => `8004/${encodeURIComponent(keys.giai ?? "")}`,
  };
  return `https://id.gs1.org/${path[epc.scheme]()}`;
}

const leadingDigitFirst = (companyPrefix: string, reference: string): string =>
  reference.slice(0, 1) + companyPrefix + reference.slice(1);

/** Decodes the percent-escapes of an EPC URI. They are ASCII only (`parseFields` in epc-uri.ts checks that). */
const unescapeEpc = (text: string): string =>
  text.replaceAll(/%([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
