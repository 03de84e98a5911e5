/** The EPC schemes that we decode, all with a 96-bit encoding (EPC TDS 2.0 §6.3.1–6.3.5; coding tables §14). */
export type EpcScheme = "sgtin" | "sscc" | "sgln" | "grai" | "giai";

/** An EPC, by the fields of its pure identity URI. */
export interface Epc {
  scheme: EpcScheme;
  /** GS1 company prefix, 6 to 12 digits */
  companyPrefix: string;
  /** assigned by the company: item (indicator first), serial reference (extension first), location or asset */
  reference: string;
  /** SGTIN and GRAI serial, SGLN extension; empty for the other schemes */
  serial: string;
}

interface SchemeLayout {
  scheme: EpcScheme;
  /** the first eight bits */
  header: number;
  /** digits of company prefix and reference together; `undefined`: the reference has no fixed length */
  keyDigits: number | undefined;
  /** bits of company prefix and reference together */
  keyBits: number;
  /** bits of the serial; the 24 reserved bits of an SSCC must be zero */
  serialBits: number;
}

export const SCHEMES: readonly SchemeLayout[] = [
  { scheme: "sgtin", header: 0x30, keyDigits: 13, keyBits: 44, serialBits: 38 },
  { scheme: "sscc", header: 0x31, keyDigits: 17, keyBits: 58, serialBits: 0 },
  { scheme: "sgln", header: 0x32, keyDigits: 12, keyBits: 41, serialBits: 41 },
  { scheme: "grai", header: 0x33, keyDigits: 12, keyBits: 44, serialBits: 38 },
  { scheme: "giai", header: 0x34, keyDigits: undefined, keyBits: 82, serialBits: 0 },
];

/** Bits of the company prefix by partition; partition p holds a prefix of 12 − p digits. */
export const COMPANY_PREFIX_BITS = [40, 37, 34, 30, 27, 24, 20] as const;

/** Whether the scheme has a third field in its URI. */
export const hasSerial = (scheme: EpcScheme): boolean => scheme !== "sscc" && scheme !== "giai";

export function layoutOf(scheme: EpcScheme): SchemeLayout {
  const layout = SCHEMES.find((entry) => entry.scheme === scheme);
  if (!layout) throw new RangeError(`no EPC scheme ${scheme}`);
  return layout;
}
