import { escapeEpc, unescapeEpc } from "./epc-escapes.ts";

/** Characters of serials and assets: GS1 AI character set 82 (EPC TDS 2.0 table A). */
const CHARACTER_SET_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;
/** Characters of a component part reference: AI character set 39 (EPC TDS 2.0 table G). */
const CHARACTER_SET_39 = /^[#\-/0-9A-Z]+$/;

/**
 * The text of 7-bit characters, first character first, zeros after the last; escaped for a URI.
 * @returns undefined when it is empty, or the bits are no such text
 */
export function textOfBits(value: bigint, bits: number): string | undefined {
  const characters = Math.floor(bits / 7);
  // Bits beyond the last whole character are padding, and zero.
  let rest = value >> BigInt(bits - characters * 7);
  if (rest << BigInt(bits - characters * 7) !== value) return undefined;
  let text = "";
  for (let at = 0; at < characters; at += 1) {
    const code = Number(rest & 0x7fn);
    rest >>= 7n;
    if (code !== 0) text = String.fromCharCode(code) + text;
    else if (text !== "") return undefined;
  }
  return CHARACTER_SET_82.test(text) ? escapeEpc(text) : undefined;
}

/** The bits of an escaped text, or undefined when it does not fit. */
export function bitsOfText(escaped: string, bits: number): bigint | undefined {
  const text = unescapeEpc(escaped);
  if (text.length * 7 > bits || !CHARACTER_SET_82.test(text)) return undefined;
  let value = 0n;
  for (const character of text) value = (value << 7n) | BigInt(character.charCodeAt(0));
  return value << BigInt(bits - text.length * 7);
}

/** The character of a 6-bit code: the lower six bits of its ASCII code (EPC TDS 2.0 table G). */
export function partCharacter(code: number): string | undefined {
  const character = String.fromCharCode(code >= 0x20 ? code : code + 0x40);
  return CHARACTER_SET_39.test(character) ? character : undefined;
}

/** The 6-bit codes of a component part reference with its terminator; undefined when a character has none. */
export function codesOfPart(escaped: string): number[] | undefined {
  const part = unescapeEpc(escaped);
  return CHARACTER_SET_39.test(part)
    ? Array.from(part, (character) => character.charCodeAt(0) & 0x3f).concat(0)
    : undefined;
}
