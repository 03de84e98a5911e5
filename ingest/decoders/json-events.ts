import { MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { type Decoded, type DecodeInput, emptyDecoded, rejected } from "./decoder.ts";
import { parseJsonList } from "./json-payload.ts";

/** Decodes a message of JSON events; `add` adds the readings, rejections and warnings of one event. */
export function decodeJsonEvents(
  input: DecodeInput,
  add: (decoded: Decoded, event: unknown, index: number) => void,
): Decoded {
  const json = parseJsonList(input.payload);
  if (!json.ok) return rejected("not-json", json.detail);
  if (json.values.length === 0) return rejected("empty", "an array without events");
  if (json.values.length > MAX_READINGS_PER_MESSAGE) {
    return rejected(
      "too-many-readings",
      `${json.values.length} events, at most ${MAX_READINGS_PER_MESSAGE} are allowed`,
    );
  }
  const decoded = emptyDecoded();
  json.values.forEach((event, index) => add(decoded, event, index));
  return decoded;
}

/** The value if it is a finite number; otherwise undefined, not zero. */
export const finiteNumber = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
