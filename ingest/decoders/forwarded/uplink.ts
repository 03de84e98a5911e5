import type { Decoded } from "../decoder.ts";
import { isObject } from "../json/payload.ts";
import { addKeyValues } from "../key-values.ts";
import type { PayloadFields } from "../../domain/payload-fields.ts";

/** A decoded payload has at most so many values, and lies at most so deep: what is beyond is one value. */
const MAX_VALUES = 200;
const MAX_DEPTH = 6;

/** The payload of a LoRaWAN uplink as its network server has decoded it. */
export interface Uplink {
  /** epoch milliseconds */
  ts: number;
  payload: unknown;
  fields: PayloadFields | undefined;
  /** values that the server tells beside the payload; those of the payload go before them */
  beside?: Readonly<Record<string, unknown>>;
}

/** Adds one reading of each kind that the payload of an uplink has values of. */
export function addUplink(decoded: Decoded, { ts, payload, fields, beside = {} }: Uplink, index: number): void {
  const values = new Map<string, unknown>();
  flatten(payload, "", MAX_DEPTH, values);
  for (const [name, value] of Object.entries(beside)) if (!values.has(name)) values.set(name, value);
  const all = { ts, values: Object.fromEntries(values), fields, keyOf: quantityOf };
  const detail = addKeyValues(decoded, all, index);
  if (detail !== undefined) decoded.rejections.push({ index, reason: "not-a-reading", detail });
}

/** `{"gps": {"lat": 1}}` becomes `gps.lat`; the elements of a list are numbered from 0. */
function flatten(value: unknown, path: string, depth: number, values: Map<string, unknown>): void {
  if (values.size >= MAX_VALUES) return;
  const inner = Array.isArray(value) || isObject(value) ? Object.entries(value) : undefined;
  if (inner === undefined || depth === 0) {
    values.set(path, value);
    return;
  }
  for (const [name, each] of inner) flatten(each, path === "" ? name : `${path}.${name}`, depth - 1, values);
}

/**
 * The part of a path that tells the quantity. Channels are numbered, in Cayenne LPP as `temperature_3` (The Things Stack) and
 * `temperatureSensor.3` (ChirpStack).
 */
function quantityOf(path: string): string {
  const parts = path.split(".");
  const named = parts.findLast((part) => !/^\d+$/.test(part)) ?? path;
  return named.replace(/_\d+$/, "");
}
