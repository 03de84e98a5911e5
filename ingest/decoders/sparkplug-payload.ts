import protobuf from "protobufjs/light.js";

/**
 * The part of the Sparkplug B payload that carries values (Sparkplug 3.0 §6.4.1). Protobuf skips all other fields. The
 * schema is proto2, in which a zero is sent; in proto3 it would be absent.
 */
const PAYLOAD = protobuf.Root.fromJSON({
  nested: {
    Payload: {
      edition: "proto2",
      fields: {
        timestamp: { type: "uint64", id: 1 },
        metrics: { rule: "repeated", type: "Metric", id: 2 },
        seq: { type: "uint64", id: 3 },
      },
    },
    Metric: {
      edition: "proto2",
      oneofs: {
        value: { oneof: ["intValue", "longValue", "floatValue", "doubleValue", "booleanValue", "stringValue"] },
      },
      fields: {
        name: { type: "string", id: 1 },
        alias: { type: "uint64", id: 2 },
        timestamp: { type: "uint64", id: 3 },
        datatype: { type: "uint32", id: 4 },
        isHistorical: { type: "bool", id: 5 },
        isTransient: { type: "bool", id: 6 },
        isNull: { type: "bool", id: 7 },
        intValue: { type: "uint32", id: 10 },
        longValue: { type: "uint64", id: 11 },
        floatValue: { type: "float", id: 12 },
        doubleValue: { type: "double", id: 13 },
        booleanValue: { type: "bool", id: 14 },
        stringValue: { type: "string", id: 15 },
      },
    },
  },
}).lookupType("Payload");

/** One metric. Integers are unsigned on the wire (see `signedValue`); `null`: the sender has no value. */
export interface Metric {
  name?: string;
  alias?: number;
  timestamp?: number;
  datatype?: number;
  value: number | string | boolean | null;
}

export interface SparkplugPayload {
  timestamp?: number;
  seq?: number;
  metrics: Metric[];
}

interface WireMetric extends Omit<Metric, "value"> {
  isNull?: boolean;
  value?: string;
  [field: string]: unknown;
}

/** Parses the bytes of a payload; undefined when they are not one. */
export function parsePayload(bytes: Buffer): SparkplugPayload | undefined {
  const wire = decodeBytes(bytes);
  if (!wire) return undefined;
  const { metrics = [], ...head } = wire;
  return { ...head, metrics: metrics.map(metricOf) };
}

function decodeBytes(bytes: Buffer): (Omit<SparkplugPayload, "metrics"> & { metrics?: WireMetric[] }) | undefined {
  try {
    return PAYLOAD.toObject(PAYLOAD.decode(bytes), { longs: Number, oneofs: true });
  } catch {
    // protobufjs throws on truncated or other bytes; its message says nothing that helps.
    return undefined;
  }
}

function metricOf({ isNull, value: which, name, alias, timestamp, datatype, ...values }: WireMetric): Metric {
  const raw = which === undefined || isNull === true ? null : (values[which] as Metric["value"]);
  const metric: Metric = { value: raw };
  if (name !== undefined) metric.name = name;
  if (alias !== undefined) metric.alias = alias;
  if (timestamp !== undefined) metric.timestamp = timestamp;
  if (datatype !== undefined) metric.datatype = datatype;
  return metric;
}

/** Int8, Int16, Int32 and Int64 are sent as the unsigned number with the same bits (Sparkplug 3.0 §6.4.16). */
const SIGNED_BITS: Readonly<Record<number, number>> = { 1: 8, 2: 16, 3: 32, 4: 64 };

/** The metric's value by its datatype. DATA messages leave the datatype out; it is that of the BIRTH. */
export function signedValue(value: Metric["value"], datatype: number | undefined): Metric["value"] {
  const bits = datatype === undefined ? undefined : SIGNED_BITS[datatype];
  if (bits === undefined || typeof value !== "number") return value;
  // Senders may sign-extend small numbers to 32 bits.
  const range = 2 ** Math.max(bits, 32);
  if (value >= range / 2) return value - range;
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

/** The datatype Boolean (Sparkplug 3.0 §6.4.16). */
const BOOLEAN = 11;

/** The payload of an NCMD that asks an edge node for its BIRTH messages (Sparkplug 3.0 §6.4.24). */
export function rebirthCommand(timestamp: number): Buffer {
  const metric = { name: "Node Control/Rebirth", timestamp, datatype: BOOLEAN, booleanValue: true };
  return Buffer.from(PAYLOAD.encode(PAYLOAD.fromObject({ timestamp, metrics: [metric] })).finish());
}
