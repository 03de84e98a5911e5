import { tagFromHex, tagToHex } from "./epc-binary.ts";
import type { Epc } from "./epc-schemes.ts";
import { parsePureIdentity, parseTagUri } from "./epc-uri.ts";

/** The parts of a text that identifies a tag; all undefined when it is neither bits nor an EPC URI. */
export interface ParsedEpc {
  epc?: Epc | undefined;
  filter?: number | undefined;
  /** the tag's bits, upper case */
  hex?: string | undefined;
}

/** EPC memory consists of 16-bit words, and tags have at least four: shorter text in base64 may be an ordinary word. */
const WORD_BYTES = 2;
const SHORTEST_BYTES = 8;

const RAW_URI = /^urn:epc:raw:(\d+)\.x([0-9A-F]+)$/i;

/** Parses hex, base64, tag URI, raw URI (EPC TDS 2.0 §12) or pure identity URI. */
export function parseEpc(text: string): ParsedEpc {
  const trimmed = text.trim();
  if (trimmed.slice(0, 4).toLowerCase() !== "urn:") return ofHex(hexOfEpcText(trimmed));
  const tag = parseTagUri(trimmed);
  if (tag) return { epc: tag.epc, filter: tag.filter, hex: tagToHex(tag, tag.encoding) };
  const raw = RAW_URI.exec(trimmed)?.[2];
  return raw === undefined ? { epc: parsePureIdentity(trimmed) } : ofHex(hexOfEpcText(raw));
}

function ofHex(hex: string | undefined): ParsedEpc {
  if (hex === undefined) return {};
  const tag = tagFromHex(hex);
  return tag ? { ...tag, hex } : { hex };
}

/**
 * The hex digits (upper case) of an EPC given as hex or base64; undefined for anything else. Text that is both is taken
 * as hex: the sixteen base64 characters of 96 bits nearly always contain one that is no hex digit.
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
