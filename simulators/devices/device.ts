import type { Kind } from "../../broker/contract/readings.ts";

/** Where a device is fixed, by the world's own names; the platform's ids are found when the world is set up. */
export type MountPlan =
  | { truck: string }
  | { site: string; antennas: Readonly<Record<string, "inside" | "outside">> }
  | { site: string; sku: string; tareGrams: number }
  | { site: string };

/** A reading as it goes over the wire: the contract's names, `ts` in epoch milliseconds. */
export type WireReading = { ts: number } & Record<string, number | string | boolean>;

/** A device that measures every so often. Readers of tags have no interval: they speak when a tag answers. */
export interface Device {
  id: string;
  kind: Kind;
  mount: MountPlan;
  /** milliseconds; undefined for devices that speak when something happens */
  intervalMs: number | undefined;
  /** What it shows at `ts`; undefined when it would say nothing. */
  measure?(ts: number): WireReading | undefined;
}

/** Rounds as a device's firmware does: nobody sends fifteen digits over a mobile network. */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}
