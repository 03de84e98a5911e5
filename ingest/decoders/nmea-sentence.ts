/** One NMEA 0183 sentence: its type without the talker, and the fields after the address. */
export interface Sentence {
  /** three letters, such as `RMC`; the whole address of a proprietary sentence */
  type: string;
  fields: readonly string[];
}

export type SentenceResult = { ok: true; sentence: Sentence } | { ok: false; detail: string };

/** Printable ASCII between `$` and the checksum: a binary protocol may use the same line between the sentences. */
const SENTENCE = /\$([ -#%-)+-~]+)(?:\*([ -~]{0,2}))?/g;
const ADDRESS = /^(?:[A-Z]{2}[A-Z]{3}|P[A-Z]{3,7}),/;

/** All sentences of a message, in order, each with its checksum checked (NMEA 0183 §5.3: XOR of the characters between `$` and `*`). */
export function sentencesOf(payload: Buffer): SentenceResult[] {
  const found = [...payload.toString("latin1").matchAll(SENTENCE)];
  return found.filter(([, body = ""]) => ADDRESS.test(body)).map(([, body = "", checksum]) => check(body, checksum));
}

function check(body: string, checksum: string | undefined): SentenceResult {
  const [address = "", ...fields] = body.split(",");
  if (checksum === undefined) return { ok: false, detail: `${address}: no checksum` };
  let xor = 0;
  for (let at = 0; at < body.length; at++) xor ^= body.charCodeAt(at);
  const expected = xor.toString(16).toUpperCase().padStart(2, "0");
  if (checksum.toUpperCase() !== expected)
    return { ok: false, detail: `${address}: checksum ${checksum}, computed ${expected}` };
  const type = address.startsWith("P") && address.length !== 5 ? address : address.slice(2);
  return { ok: true, sentence: { type, fields } };
}
