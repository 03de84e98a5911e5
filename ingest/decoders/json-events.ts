import { MAX_READINGS_PER_MESSAGE } from "../../broker/contract/readings.ts";
import { type Decoded, type DecodeInput, nothing, refused } from "./decoder.ts";
import { parseJsonList } from "./json-payload.ts";

/** Walks a message of JSON events; `add` turns one event into readings, rejections or warnings. */
export function decodeEvents(
  input: DecodeInput,
  add: (decoded: Decoded, event: unknown, index: number) => void,
): Decoded {
  const json = parseJsonList(input.payload);
  if (!json.ok) return refused("not-json", json.detail);
  if (json.values.length === 0) return refused("empty", "an array without events");
  if (json.values.length > MAX_READINGS_PER_MESSAGE) {
    return refused(
      "too-many-readings",
      `${json.values.length} events, at most ${MAX_READINGS_PER_MESSAGE} are allowed`,
    );
  }
  const decoded = nothing();
  json.values.forEach((event, index) => add(decoded, event, index));
  return decoded;
}

/** A value when it is a finite number, else absent: absent is not zero. */
export const numberOrAbsent = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
