import type { Decoded, Decoder } from "./decoder.ts";
import { decodeJsonEvents } from "./json-events.ts";
import { isObject } from "./json-payload.ts";
import { addKeyValues } from "./key-values.ts";
import { parseVendorTime } from "./vendor-time.ts";

/**
 * ThingsBoard telemetry (`v1/devices/me/telemetry`): `{ts, values}`, an array of these, or `{key: value}`, which has the
 * time of receipt. key-values.ts maps the keys.
 */
export const decodeThingsBoard: Decoder = (input) =>
  decodeJsonEvents(input, (decoded, entry, index) => addEntry(decoded, entry, index, input.receivedAt));

function addEntry(decoded: Decoded, entry: unknown, index: number, receivedAt: number): void {
  if (!isObject(entry)) {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: "expected an object of telemetry" });
    return;
  }
  const stamped = isObject(entry["values"]) ? entry["values"] : undefined;
  const ts = stamped && entry["ts"] !== undefined ? parseVendorTime(entry["ts"]) : receivedAt;
  if (ts === undefined) {
    decoded.rejections.push({ index, reason: "bad-time", detail: "ts: expected epoch milliseconds" });
    return;
  }
  addKeyValues(decoded, { ts, values: stamped ?? entry }, index);
}
