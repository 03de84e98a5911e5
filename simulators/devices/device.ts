import type { Kind } from "../../broker/contract/readings.ts";

/** Where a device is mounted, by the world's names. Provisioning looks up the platform's ids. */
export type MountPlan =
  | { truck: string }
  | { site: string; antennas: Readonly<Record<string, "inside" | "outside">> }
  | { site: string; sku: string; tareGrams: number }
  | { site: string };

/** A reading as it is sent: field names of `broker/contract/readings.ts`, `ts` in epoch milliseconds. */
export type WireReading = { ts: number } & Record<string, number | string | boolean>;

/** A simulated device. Most measure at an interval; RFID readers report when a tag answers. */
export interface Device {
  id: string;
  kind: Kind;
  mount: MountPlan;
  /** milliseconds; undefined for devices that report events */
  intervalMs: number | undefined;
  /** The reading at `ts` (epoch milliseconds); undefined when the device reports nothing. */
  measure?(ts: number): WireReading | undefined;
  /** of a reader: the tags that answer at `ts` */
  readTags?(ts: number): WireReading[];
}

/** Rounds to `digits` decimals, as device firmware does. */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
