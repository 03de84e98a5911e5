/** The JSON value of a payload, or why it is not JSON. */
export type JsonPayload = { ok: true; value: unknown } | { ok: false; detail: string };

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Parses a payload as JSON in UTF-8 (RFC 8259 §8.1). */
export function parseJson(payload: Buffer): JsonPayload {
  const text = payload.toString("utf8");
  // Invalid bytes become U+FFFD. Only then is the slower strict decoding needed.
  if (text.includes("\uFFFD") && !isUtf8(payload)) return { ok: false, detail: "the payload is not UTF-8" };
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch (error) {
    // V8 quotes the text around the error: that may be a secret, or binary. Only the position is reported.
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

/** Parses one JSON value, an array of values, or one value per line (NDJSON, sent by readers that stream over HTTP). */
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
