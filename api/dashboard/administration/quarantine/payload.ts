/** A payload is shown up to here; it may have 128 KiB. */
const SHOWN_BYTES = 4096;
const BYTES_PER_LINE = 16;

interface PayloadText {
  text: string;
  form: "JSON" | "text" | "bytes";
  /** of the whole payload */
  bytes: number;
  /** only its beginning is in `text` */
  isCut: boolean;
}

/** What a message held, readable: JSON in lines, other text as it is, and bytes that are no text in hexadecimal. */
export function payloadText(base64: string): PayloadText {
  const all = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const bytes = all.length;
  const text = textOf(all);
  if (text === undefined) {
    return { text: hexOf(all.subarray(0, SHOWN_BYTES)), form: "bytes", bytes, isCut: bytes > SHOWN_BYTES };
  }
  const json = indented(text);
  const shown = json ?? text;
  return {
    text: shown.slice(0, SHOWN_BYTES),
    form: json === undefined ? "text" : "JSON",
    bytes,
    isCut: shown.length > SHOWN_BYTES,
  };
}

/** @returns undefined when the bytes are not UTF-8, or hold control characters */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // eslint-disable-next-line no-control-regex
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function indented(text: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return undefined;
  }
}

function hexOf(bytes: Uint8Array): string {
  const words = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const lines = Array.from({ length: Math.ceil(words.length / BYTES_PER_LINE) }, (_, at) =>
    words.slice(at * BYTES_PER_LINE, (at + 1) * BYTES_PER_LINE).join(" "),
  );
  return lines.join("\n");
}
