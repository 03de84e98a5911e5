import type { Decoded, Decoder } from "./decoder.ts";
import { decodeEvents } from "./json-events.ts";
import { isObject } from "./json-payload.ts";
import { addNamedValues } from "./named-values.ts";
import { vendorTime } from "./vendor-time.ts";

/**
 * ThingsBoard telemetry (`v1/devices/me/telemetry`): `{ts, values}`, an array of it, or bare `{key: value}` which was
 * measured when it was received. What the keys mean: named-values.ts.
 */
export const decodeThingsBoard: Decoder = (input) =>
  decodeEvents(input, (decoded, entry, index) => addEntry(decoded, entry, index, input.receivedAt));

function addEntry(decoded: Decoded, entry: unknown, index: number, receivedAt: number): void {
  if (!isObject(entry)) {
    decoded.rejections.push({ index, reason: "not-a-reading", detail: "expected an object of telemetry" });
    return;
  }
  const stamped = isObject(entry["values"]) ? entry["values"] : undefined;
  const ts = stamped && entry["ts"] !== undefined ? vendorTime(entry["ts"]) : receivedAt;
  if (ts === undefined) {
    decoded.rejections.push({ index, reason: "bad-time", detail: "ts: expected epoch milliseconds" });
    return;
  }
  addNamedValues(decoded, { ts, values: stamped ?? entry }, index);
}
