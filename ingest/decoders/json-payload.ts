/** JSON of a payload, or the reason why it is none. */
export type JsonPayload = { ok: true; value: unknown } | { ok: false; detail: string };

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads a payload as JSON text in UTF-8 (RFC 8259 §8.1). */
export function parseJson(payload: Buffer): JsonPayload {
  const text = payload.toString("utf8");
  // Broken bytes become U+FFFD; only then is the slower, strict reading worth its time.
  if (text.includes("\uFFFD") && !isUtf8(payload)) return { ok: false, detail: "the payload is not UTF-8" };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    // V8 quotes the text around the error; a quote of a secret or of binary has no place in a report.
    const message = error instanceof Error ? error.message : "";
    const position = /at position \d+/.exec(message)?.[0];
    return { ok: false, detail: position ? `not JSON ${position}` : "not JSON" };
  }
}

function isUtf8(payload: Buffer): boolean {
  try {
    strictUtf8.decode(payload);
    return true;
  } catch {
    return false;
  }
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads one JSON value, an array of them, or one a line, as readers that stream over HTTP write (NDJSON). */
export function parseJsonList(payload: Buffer): { ok: true; values: unknown[] } | { ok: false; detail: string } {
  const whole = parseJson(payload);
  if (whole.ok) return { ok: true, values: Array.isArray(whole.value) ? whole.value : [whole.value] };
  const lines = payload
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const parsed = lines.length > 1 ? lines.map((line) => parseJson(Buffer.from(line))) : [];
  const values = parsed.flatMap((line) => (line.ok ? [line.value] : []));
  return values.length > 0 && values.length === parsed.length ? { ok: true, values } : whole;
}
