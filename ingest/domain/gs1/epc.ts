import { parseEpc } from "./epc-text.ts";
import { formatPureIdentity } from "./epc-uri.ts";

/** The identity of a tag, independent of the format in which a reader sends it. */
export interface NormalizedEpc {
  /** upper-case hex digits, when the text holds the tag's bits */
  hex?: string;
  /** pure identity URI when the EPC can be decoded, else upper-case hex, else the text unchanged */
  key: string;
}

/**
 * Gives hex, base64, tag URI and pure identity URI of one tag the same key. A tag without a known EPC (another header,
 * broken fields) is still a tag: its key is its hex digits, and it is counted like any other.
 */
export function normalizeEpc(text: string): NormalizedEpc {
  const { epc, hex } = parseEpc(text);
  const key = epc ? formatPureIdentity(epc) : (hex ?? text.trim());
  return hex === undefined ? { key } : { hex, key };
}
