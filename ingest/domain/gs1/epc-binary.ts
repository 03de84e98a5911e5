import { bitsOfText, codesOfPart, partCharacter, textOfBits } from "./bit-text.ts";
import { COMPANY_PREFIX_BITS, type Encoding, encodingOfHeader, ENCODINGS, type SerialCoding } from "./epc-encodings.ts";
import { escapeEpc, unescapeEpc } from "./epc-escapes.ts";
import { type Epc, fieldsOfScheme } from "./epc-schemes.ts";

/**
 * The binary encodings of EPCs: header 8 bits, filter 3, partition 3, then company prefix, reference and serial (EPC TDS
 * 1.13 §14.6, unchanged in 2.0). BigInt, because `>>` truncates numbers to 32 bits and a serial has 38 and more.
 */
export interface Tag {
  epc: Epc;
  /** 0 to 7: the kind of object with this tag (EPC TDS 2.0 §10) */
  filter: number;
}

/** EPC memory consists of words; the bits after the EPC in the last one, and one more word at most, are zero. */
const MAX_PADDING_BITS = 31;

const MAX_KEY_LENGTH = 30;

/** Reads bits from the left. */
class BitReader {
  readonly #bits: bigint;
  left: number;

  constructor(hex: string) {
    this.#bits = BigInt(`0x${hex}`);
    this.left = hex.length * 4;
  }

  /** The next bits as a number; beyond the end there are zeros. */
  take(width: number): bigint {
    this.left -= width;
    if (this.left < 0) return BigInt.asUintN(width, this.#bits << BigInt(-this.left));
    return BigInt.asUintN(width, this.#bits >> BigInt(this.left));
  }
}

/** Decodes hex digits; undefined when they are of no known scheme, or break its rules: then the tag is raw. */
export function tagFromHex(hex: string): Tag | undefined {
  if (!/^[0-9A-Fa-f]{24,}$/.test(hex)) return undefined;
  const encoding = encodingOfHeader(Number.parseInt(hex.slice(0, 2), 16));
  if (!encoding) return undefined;
  const reader = new BitReader(hex);
  reader.take(8);
  const filter = Number(reader.take(3));
  const partition = Number(reader.take(3));
  const prefixBits = COMPANY_PREFIX_BITS[partition];
  if (prefixBits === undefined) return undefined;
  const prefixDigits = 12 - partition;
  const prefix = reader.take(prefixBits);
  if (prefix >= 10n ** BigInt(prefixDigits)) return undefined;
  const reference = readReference(reader, encoding, prefixBits, prefixDigits);
  const piece = encoding.hasPiece ? twoDigits(reader.take(7)) + twoDigits(reader.take(7)) : undefined;
  const serial = readSerial(reader, encoding.serial);
  if (reference === undefined || serial === undefined || (piece !== undefined && piece.length !== 4)) return undefined;
  const padding = reader.left;
  // A tag of 96 bits has no padding: more bits belong to another encoding.
  const isWhole = isShort(encoding) ? padding === 0 : padding >= 0 && padding <= MAX_PADDING_BITS;
  if (!isWhole || reader.take(padding) !== 0n) return undefined;
  const companyPrefix = prefix.toString().padStart(prefixDigits, "0");
  const { scheme } = encoding;
  // Asset and part with their company prefix have at most thirty characters (EPC TDS 2.0 §6.3.5, §6.3.11).
  const isTooLong = prefixDigits + unescapeEpc(reference).length > MAX_KEY_LENGTH;
  if (isTooLong && (scheme === "giai" || scheme === "cpi")) return undefined;
  return { epc: { scheme, companyPrefix, reference, serial, ...(piece !== undefined && { piece }) }, filter };
}

const isShort = ({ name }: Encoding): boolean => name.endsWith("-96");

function readReference(
  reader: BitReader,
  { scheme, keyBits = 0, reference }: Encoding,
  prefixBits: number,
  prefixDigits: number,
): string | undefined {
  const width = keyBits - prefixBits;
  switch (reference.as) {
    case "digits": {
      const digits = fieldsOfScheme(scheme).keyDigits! - prefixDigits;
      const value = reader.take(width);
      if (value >= 10n ** BigInt(digits)) return undefined;
      return digits === 0 ? "" : value.toString().padStart(digits, "0");
    }
    case "number":
      return reader.take(width).toString();
    case "text":
      return textOfBits(reader.take(width), width);
    case "part": {
      let part = "";
      for (let code = Number(reader.take(6)); code !== 0; code = Number(reader.take(6))) {
        const character = partCharacter(code);
        if (character === undefined || reader.left < 0) return undefined;
        part += character;
      }
      return part === "" ? undefined : escapeEpc(part);
    }
  }
}

function readSerial(reader: BitReader, { as, bits }: SerialCoding): string | undefined {
  const value = reader.take(bits);
  switch (as) {
    case "number":
      return value.toString();
    case "numeric-text": {
      const digits = value.toString();
      return digits.startsWith("1") && digits.length > 1 ? digits.slice(1) : undefined;
    }
    case "text":
      return textOfBits(value, bits);
    case "reserved":
      return value === 0n ? "" : undefined;
  }
}

const twoDigits = (value: bigint): string => value.toString().padStart(2, "0");

/**
 * Encodes to upper-case hex digits, filled with zeros to whole words of 16 bits.
 * @param name of the encoding, as in tag URIs; by default the shortest that holds the EPC
 * @returns undefined when the EPC does not fit
 */
export function tagToHex(tag: Tag, name?: string): string | undefined {
  for (const encoding of ENCODINGS) {
    if (encoding.scheme !== tag.epc.scheme || (name !== undefined && encoding.name !== name)) continue;
    const hex = encode(tag, encoding);
    if (hex !== undefined) return hex;
  }
  return undefined;
}

/** The encoding that `tagToHex` chooses. */
export function encodingOf(tag: Tag): string | undefined {
  return ENCODINGS.find(({ scheme, name }) => scheme === tag.epc.scheme && tagToHex(tag, name) !== undefined)?.name;
}

function encode({ epc, filter }: Tag, encoding: Encoding): string | undefined {
  const partition = 12 - epc.companyPrefix.length;
  const prefixBits = COMPANY_PREFIX_BITS[partition];
  if (prefixBits === undefined || !Number.isInteger(filter) || filter < 0 || filter > 7) return undefined;
  const fields: [bigint | undefined, number][] = [
    [BigInt(encoding.header), 8],
    [BigInt(filter), 3],
    [BigInt(partition), 3],
    [BigInt(epc.companyPrefix), prefixBits],
    ...referenceFields(epc.reference, encoding, prefixBits),
  ];
  if (encoding.hasPiece) for (const at of [0, 2]) fields.push([BigInt(`0${(epc.piece ?? "").slice(at, at + 2)}`), 7]);
  fields.push([serialBits(epc.serial, encoding.serial), encoding.serial.bits]);
  let [bits, width] = [0n, 0];
  for (const [value, size] of fields) {
    if (value === undefined || value >= 1n << BigInt(size)) return undefined;
    bits = (bits << BigInt(size)) | value;
    width += size;
  }
  const words = Math.ceil(width / 16);
  const padded = bits << BigInt(words * 16 - width);
  return padded
    .toString(16)
    .toUpperCase()
    .padStart(words * 4, "0");
}

function referenceFields(
  escaped: string,
  { keyBits = 0, reference }: Encoding,
  prefixBits: number,
): [bigint | undefined, number][] {
  const width = keyBits - prefixBits;
  switch (reference.as) {
    case "digits":
      return [[BigInt(`0${escaped}`), width]];
    case "number":
      return [[wholeNumber(escaped), width]];
    case "text":
      return [[bitsOfText(escaped, width), width]];
    case "part":
      return codesOfPart(escaped)?.map((code) => [BigInt(code), 6]) ?? [[undefined, 6]];
  }
}

function serialBits(escaped: string, { as, bits }: SerialCoding): bigint | undefined {
  switch (as) {
    case "number":
      return wholeNumber(escaped);
    case "numeric-text":
      return /^\d+$/.test(escaped) ? BigInt(`1${escaped}`) : undefined;
    case "text":
      return bitsOfText(escaped, bits);
    case "reserved":
      return 0n;
  }
}

/** A number that a field of bits can hold: no letters, no leading zero. */
const wholeNumber = (text: string): bigint | undefined => (/^(0|[1-9]\d*)$/.test(text) ? BigInt(text) : undefined);
