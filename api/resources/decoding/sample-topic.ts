import type { Kind } from "../../../broker/contract/readings.ts";

/** Fields that only readings of one kind have, and a status. */
const TELLING_FIELDS: Readonly<Record<string, Kind | "status">> = {
  lat: "gps",
  lon: "gps",
  epc: "rfid",
  grams: "scale",
  weight: "scale",
  code: "scan",
  state: "status",
};

/**
 * The topic a sample would have come on, when nobody says. A vendor's bytes come on `raw`; of our own JSON the topic
 * is what names the kind, so here it is told from the fields of the first reading (`env` has none that is always there).
 */
export function sampleTopic(decoder: string, payload: Buffer): string {
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
  const telling = Object.keys(TELLING_FIELDS).find((field) => Object.hasOwn(first, field));
  return telling === undefined ? "env" : TELLING_FIELDS[telling]!;
}
