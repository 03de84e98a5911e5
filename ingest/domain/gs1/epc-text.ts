import { tagFromHex, tagToHex } from "./epc-binary.ts";
import type { Epc } from "./epc-schemes.ts";
import { parsePureIdentity, parseTagUri } from "./epc-uri.ts";

/** What could be read of a text that names a tag; nothing is set when it is neither bits nor an EPC URI. */
export interface EpcText {
  epc?: Epc | undefined;
  filter?: number | undefined;
  /** the tag's bits, upper case */
  hex?: string | undefined;
}

/** EPC memory is made of 16-bit words, and no tag in use has fewer than four of them: shorter base64 may be any word. */
const WORD_BYTES = 2;
const SHORTEST_BYTES = 8;

const RAW_URI = /^urn:epc:raw:(\d+)\.x([0-9A-F]+)$/i;

/** Reads hex, base64, tag URI, raw URI (EPC TDS 2.0 §12) or pure identity URI. */
export function readEpc(text: string): EpcText {
  const trimmed = text.trim();
  if (trimmed.slice(0, 4).toLowerCase() !== "urn:") return ofHex(hexOfEpcText(trimmed));
  const tag = parseTagUri(trimmed);
  if (tag) return { ...tag, hex: tagToHex(tag) };
  const raw = RAW_URI.exec(trimmed)?.[2];
  return raw === undefined ? { epc: parsePureIdentity(trimmed) } : ofHex(hexOfEpcText(raw));
}

function ofHex(hex: string | undefined): EpcText {
  if (hex === undefined) return {};
  const tag = tagFromHex(hex);
  return tag ? { ...tag, hex } : { hex };
}

/**
 * The hex digits (upper case) of an EPC given as hex or base64; `undefined` for anything else. Text that is both is
 * hex: readers that send base64 send sixteen characters for 96 bits, of which nearly always one is no hex digit.
 */
export function hexOfEpcText(text: string): string | undefined {
  if (/^(?:[0-9A-Fa-f]{2})+$/.test(text)) return text.toUpperCase();
  if (!/^[A-Za-z0-9+/_-]{8,}={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64");
  const sameText = bytes.toString("base64").replace(/=+$/, "") === plainBase64(text);
  if (!sameText || bytes.length < SHORTEST_BYTES || bytes.length % WORD_BYTES !== 0) return undefined;
  return bytes.toString("hex").toUpperCase();
}

/** Base64 without padding, in the alphabet of RFC 4648 §4. */
const plainBase64 = (text: string): string => text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
