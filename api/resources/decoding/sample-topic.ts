import type { Kind } from "../../../broker/contract/readings.ts";

/** Fields that occur in readings of one kind only, or in status reports only. */
const KIND_OF_FIELD: Readonly<Record<string, Kind | "status">> = {
  lat: "gps",
  lon: "gps",
  epc: "rfid",
  grams: "scale",
  weight: "scale",
  code: "scan",
  ignition: "vehicle",
  odometer: "vehicle",
  fuel: "vehicle",
  engine_hours: "vehicle",
  voltage: "vehicle",
  harsh: "vehicle",
  driver: "vehicle",
  state: "status",
};

/**
 * The topic of a sample that was given without one. Sparkplug has topics of its own, other vendor formats arrive on `raw`. For native JSON the topic names the
 * kind, so the kind is guessed from the fields of the first reading; without a telling field it is `env`.
 */
export function sampleTopic(decoder: string, payload: Buffer): string {
  if (decoder === "sparkplug-b") return "spBv1.0/test/NDATA/test";
  return `devices/test/${decoder === "native" ? kindOf(payload) : "raw"}`;
}

function kindOf(payload: Buffer): Kind | "status" | "raw" {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString("utf8"));
  } catch {
    return "raw";
  }
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (typeof first !== "object" || first === null) return "env";
  const field = Object.keys(KIND_OF_FIELD).find((name) => Object.hasOwn(first, name));
  return field === undefined ? "env" : KIND_OF_FIELD[field]!;
}
