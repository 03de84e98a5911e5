import { COMPANY_PREFIX_BITS, type Epc, hasSerial, layoutOf, SCHEMES } from "./epc-schemes.ts";

/**
 * The 96-bit encoding of a tag: header 8 bits, filter 3, partition 3, then company prefix, reference and serial (EPC TDS
 * 1.13 §14.5, unchanged in 2.0). BigInt, because `>>` truncates numbers to 32 bits and a serial has 38.
 */
const TAG_BITS = 96n;
const KEY_AND_SERIAL_BITS = 82n;

export interface Tag {
  epc: Epc;
  /** 0 to 7: the kind of object with this tag (EPC TDS 2.0 §10) */
  filter: number;
}

/** Decodes 24 hex digits; undefined when they are of no known scheme, or break its rules: then the tag is raw. */
export function tagFromHex(hex: string): Tag | undefined {
  if (!/^[0-9A-Fa-f]{24}$/.test(hex)) return undefined;
  const layout = SCHEMES.find(({ header }) => header === Number.parseInt(hex.slice(0, 2), 16));
  if (!layout) return undefined;
  const bits = BigInt(`0x${hex}`);
  const partition = Number((bits >> KEY_AND_SERIAL_BITS) & 7n);
  const prefixBits = COMPANY_PREFIX_BITS[partition];
  if (prefixBits === undefined) return undefined;

  const take = (width: number, above: bigint) => (bits >> above) & ((1n << BigInt(width)) - 1n);
  const belowKey = KEY_AND_SERIAL_BITS - BigInt(layout.keyBits);
  const prefixDigits = 12 - partition;
  const referenceBits = layout.keyBits - prefixBits;
  const prefix = take(prefixBits, KEY_AND_SERIAL_BITS - BigInt(prefixBits));
  const reference = take(referenceBits, belowKey);
  if (prefix >= 10n ** BigInt(prefixDigits)) return undefined;
  // The 24 bits after an SSCC are reserved and zero (§14.5.2.1).
  if (layout.scheme === "sscc" && take(24, 0n) !== 0n) return undefined;

  const referenceDigits = layout.keyDigits === undefined ? undefined : layout.keyDigits - prefixDigits;
  if (referenceDigits !== undefined && reference >= 10n ** BigInt(referenceDigits)) return undefined;
  const epc: Epc = {
    scheme: layout.scheme,
    companyPrefix: prefix.toString().padStart(prefixDigits, "0"),
    reference: digits(reference, referenceDigits),
    serial: hasSerial(layout.scheme) ? take(layout.serialBits, 0n).toString() : "",
  };
  return { epc, filter: Number((bits >> 85n) & 7n) };
}

/** Encodes to 24 upper-case hex digits; undefined when the EPC does not fit 96 bits (for example a serial with letters). */
export function tagToHex({ epc, filter }: Tag): string | undefined {
  const layout = layoutOf(epc.scheme);
  const partition = 12 - epc.companyPrefix.length;
  const prefixBits = COMPANY_PREFIX_BITS[partition];
  if (prefixBits === undefined || !Number.isInteger(filter) || filter < 0 || filter > 7) return undefined;
  const serial = hasSerial(epc.scheme) ? wholeNumber(epc.serial) : 0n;
  // A GIAI's reference has no fixed length, so it is encoded as a number and cannot begin with zero (§14.5.5.1).
  const reference = layout.keyDigits === undefined ? wholeNumber(epc.reference) : BigInt(`0${epc.reference}`);
  const referenceBits = BigInt(layout.keyBits - prefixBits);
  if (serial === undefined || serial >= 1n << BigInt(Math.max(layout.serialBits, 1))) return undefined;
  if (reference === undefined || reference >= 1n << referenceBits) return undefined;

  const head = (BigInt(layout.header) << 6n) | (BigInt(filter) << 3n) | BigInt(partition);
  const key = (BigInt(epc.companyPrefix) << referenceBits) | reference;
  const bits = (head << KEY_AND_SERIAL_BITS) | (key << (KEY_AND_SERIAL_BITS - BigInt(layout.keyBits))) | serial;
  return bits
    .toString(16)
    .toUpperCase()
    .padStart(Number(TAG_BITS / 4n), "0");
}

function digits(value: bigint, width: number | undefined): string {
  if (width === 0) return "";
  return value.toString().padStart(width ?? 1, "0");
}

/** A number that the 96-bit encodings can hold: no letters, no leading zero. */
const wholeNumber = (text: string): bigint | undefined => (/^(0|[1-9]\d*)$/.test(text) ? BigInt(text) : undefined);
