import type { EpcScheme } from "./epc-schemes.ts";

/** How a reference is written after the company prefix. */
export type ReferenceCoding =
  /** as many digits as the key has left */
  | { as: "digits" }
  /** a whole number without leading zeros */
  | { as: "number" }
  /** 7-bit characters that fill the bits of the reference (EPC TDS 2.0 §14.4.2) */
  | { as: "text" }
  /** 6-bit characters with a terminator of six zeros (§14.4.8.2) */
  | { as: "part" };

/** How a serial is written. */
export type SerialCoding =
  | { as: "number"; bits: number }
  /** digits with their leading zeros: a one is written before them (§14.4.6) */
  | { as: "numeric-text"; bits: number }
  /** 7-bit characters, zeros after the last (§14.4.2) */
  | { as: "text"; bits: number }
  /** reserved bits, all zero; no serial */
  | { as: "reserved"; bits: number };

/** One binary encoding: header 8 bits, filter 3, partition 3, company prefix, reference, serial (EPC TDS 2.0 §14.6). */
export interface Encoding {
  /** as in tag URIs */
  name: string;
  scheme: EpcScheme;
  /** the first eight bits */
  header: number;
  /** of company prefix and reference together; undefined: the reference ends with its terminator */
  keyBits: number | undefined;
  reference: ReferenceCoding;
  /** two numbers of seven bits before the serial: piece and total of an ITIP */
  hasPiece?: true;
  serial: SerialCoding;
}

const DIGITS: ReferenceCoding = { as: "digits" };
const NUMBER: ReferenceCoding = { as: "number" };
const number = (bits: number): SerialCoding => ({ as: "number", bits });
const text = (bits: number): SerialCoding => ({ as: "text", bits });
const reserved = (bits: number): SerialCoding => ({ as: "reserved", bits });

/** Of two encodings of one scheme the shorter comes first. */
export const ENCODINGS: readonly Encoding[] = [
  { name: "sgtin-96", scheme: "sgtin", header: 0x30, keyBits: 44, reference: DIGITS, serial: number(38) },
  { name: "sscc-96", scheme: "sscc", header: 0x31, keyBits: 58, reference: DIGITS, serial: reserved(24) },
  { name: "sgln-96", scheme: "sgln", header: 0x32, keyBits: 41, reference: DIGITS, serial: number(41) },
  { name: "grai-96", scheme: "grai", header: 0x33, keyBits: 44, reference: DIGITS, serial: number(38) },
  { name: "giai-96", scheme: "giai", header: 0x34, keyBits: 82, reference: NUMBER, serial: reserved(0) },
  { name: "gdti-96", scheme: "gdti", header: 0x2c, keyBits: 41, reference: DIGITS, serial: number(41) },
  { name: "gsrn-96", scheme: "gsrn", header: 0x2d, keyBits: 58, reference: DIGITS, serial: reserved(24) },
  { name: "gsrnp-96", scheme: "gsrnp", header: 0x2e, keyBits: 58, reference: DIGITS, serial: reserved(24) },
  {
    name: "sgcn-96",
    scheme: "sgcn",
    header: 0x3f,
    keyBits: 41,
    reference: DIGITS,
    serial: { as: "numeric-text", bits: 41 },
  },
  { name: "cpi-96", scheme: "cpi", header: 0x3c, keyBits: 51, reference: NUMBER, serial: number(31) },
  {
    name: "itip-110",
    scheme: "itip",
    header: 0x40,
    keyBits: 44,
    reference: DIGITS,
    hasPiece: true,
    serial: number(38),
  },
  { name: "sgtin-198", scheme: "sgtin", header: 0x36, keyBits: 44, reference: DIGITS, serial: text(140) },
  { name: "sgln-195", scheme: "sgln", header: 0x39, keyBits: 41, reference: DIGITS, serial: text(140) },
  { name: "grai-170", scheme: "grai", header: 0x37, keyBits: 44, reference: DIGITS, serial: text(112) },
  { name: "giai-202", scheme: "giai", header: 0x38, keyBits: 188, reference: { as: "text" }, serial: reserved(0) },
  { name: "gdti-174", scheme: "gdti", header: 0x3e, keyBits: 41, reference: DIGITS, serial: text(119) },
  {
    name: "itip-212",
    scheme: "itip",
    header: 0x41,
    keyBits: 44,
    reference: DIGITS,
    hasPiece: true,
    serial: text(140),
  },
  { name: "cpi-var", scheme: "cpi", header: 0x3d, keyBits: undefined, reference: { as: "part" }, serial: number(40) },
];

/** Bits of the company prefix by partition; partition p holds a prefix of 12 − p digits. */
export const COMPANY_PREFIX_BITS = [40, 37, 34, 30, 27, 24, 20] as const;

const BY_HEADER = new Map(ENCODINGS.map((encoding) => [encoding.header, encoding]));

export const encodingOfHeader = (header: number): Encoding | undefined => BY_HEADER.get(header);
