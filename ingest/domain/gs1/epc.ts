import { readEpc } from "./epc-text.ts";
import { formatPureIdentity } from "./epc-uri.ts";

/** One name for a tag, however a reader spelled it. */
export interface NormalEpc {
  /** upper-case hex digits, when the text holds the tag's bits */
  hex?: string;
  /** pure identity URI when the EPC can be decoded, else upper-case hex, else the text as it was */
  key: string;
}

/**
 * Gives hex, base64, tag URI and pure identity URI of one tag the same key. A tag that carries no EPC of ours (an
 * unknown header, broken fields) is still a tag: it keeps its hex digits as its name and is counted like any other.
 */
export function normalizeEpc(text: string): NormalEpc {
  const { epc, hex } = readEpc(text);
  const key = epc ? formatPureIdentity(epc) : (hex ?? text.trim());
  return hex === undefined ? { key } : { hex, key };
}
