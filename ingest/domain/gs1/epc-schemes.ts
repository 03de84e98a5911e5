/** The EPC schemes of GS1 keys that we decode (EPC TDS 2.0 §6.3.1–6.3.11). */
export type EpcScheme =
  | "sgtin"
  | "sscc"
  | "sgln"
  | "grai"
  | "giai"
  | "gdti"
  | "gsrn"
  | "gsrnp"
  | "sgcn"
  | "cpi"
  | "itip";

/** An EPC, by the fields of its pure identity URI. */
export interface Epc {
  scheme: EpcScheme;
  /** GS1 company prefix, 6 to 12 digits */
  companyPrefix: string;
  /** assigned by the company: item (indicator first), serial reference (extension first), location, asset, document, part */
  reference: string;
  /** serial, SGLN extension; empty for schemes without one. Percent-escaped, as in the URI */
  serial: string;
  /** ITIP only: number of the piece and how many there are, two digits each */
  piece?: string;
}

export interface SchemeFields {
  scheme: EpcScheme;
  /** digits of company prefix and reference together; undefined: the reference has no fixed length */
  keyDigits: number | undefined;
  /** of the serial, at most this many characters; undefined: the scheme has none */
  serialLength: number | undefined;
  /** the serial consists of digits */
  isNumeric?: true;
}

/** The fields of each scheme's URI (EPC TDS 2.0 §6.3.1–6.3.11). */
export const SCHEMES: readonly SchemeFields[] = [
  { scheme: "sgtin", keyDigits: 13, serialLength: 20 },
  { scheme: "sscc", keyDigits: 17, serialLength: undefined },
  { scheme: "sgln", keyDigits: 12, serialLength: 20 },
  { scheme: "grai", keyDigits: 12, serialLength: 16 },
  { scheme: "giai", keyDigits: undefined, serialLength: undefined },
  { scheme: "gdti", keyDigits: 12, serialLength: 17 },
  { scheme: "gsrn", keyDigits: 17, serialLength: undefined },
  { scheme: "gsrnp", keyDigits: 17, serialLength: undefined },
  { scheme: "sgcn", keyDigits: 12, serialLength: 12, isNumeric: true },
  { scheme: "cpi", keyDigits: undefined, serialLength: 12, isNumeric: true },
  { scheme: "itip", keyDigits: 13, serialLength: 20 },
];

/** Whether the scheme's URI ends with a serial. */
export const hasSerial = (scheme: EpcScheme): boolean => fieldsOfScheme(scheme).serialLength !== undefined;

export function fieldsOfScheme(scheme: EpcScheme): SchemeFields {
  const fields = SCHEMES.find((entry) => entry.scheme === scheme);
  if (!fields) throw new RangeError(`no EPC scheme ${scheme}`);
  return fields;
}
