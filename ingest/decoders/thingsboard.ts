import { type Decoded, type Decoder, emptyDecoded, rejected } from "./decoder.ts";
import { decodeElements, isObject } from "./json/payload.ts";
import { addKeyValues } from "./key-values.ts";
import { parseVendorTime } from "./time/vendor-time.ts";
import { ignoreField } from "./validation/ignored-fields.ts";

const DEVICE_TOPIC = /^v1\/devices\/me\/(attributes|rpc|claim)(?:\/(request|response)(?:\/([^/]+))?)?$/;

/**
 * ThingsBoard telemetry (`v1/devices/me/telemetry`): `{ts, values}`, an array of these, or `{key: value}`, which has the
 * time of receipt. key-values.ts maps the keys. Requests for attributes and client-side RPC are answered with nothing, so
 * that firmware that waits for an answer goes on; attributes that the device reports are no readings.
 */
export const decodeThingsBoard: Decoder = (input) => {
  const { topic } = input;
  if (!/^v[12]\//.test(topic) || topic === "v1/devices/me/telemetry") {
    return decodeElements(input.payload, "entries", (decoded, entry, index) =>
      addEntry(decoded, entry, index, input.receivedAt),
    );
  }
  const [, what, direction, id] = DEVICE_TOPIC.exec(topic) ?? [];
  if (what === undefined) return rejected("unsupported", `${topic}: only v1/devices/me/telemetry carries readings`);
  const decoded = { ...emptyDecoded(), warnings: [`${topic}: carries no reading, only v1/devices/me/telemetry does`] };
  if (direction !== "request" || id === undefined || !/^[\w-]{1,64}$/.test(id)) return decoded;
  return { ...decoded, reply: { topic: `v1/devices/me/${what}/response/${id}`, payload: Buffer.from("{}") } };
};

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
  if (stamped !== undefined)
    for (const name of Object.keys(entry))
      if (name !== "ts" && name !== "values") ignoreField(decoded, undefined, name);
  const detail = addKeyValues(decoded, { ts, values: stamped ?? entry }, index);
  if (detail !== undefined) decoded.rejections.push({ index, reason: "not-a-reading", detail });
}
