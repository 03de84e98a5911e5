import type { Reading } from "./reading.ts";
import { compareSamples, type Quality } from "../signals/signal-rule.ts";
import type { VehiclePositionRow } from "../stores/writes/devices.ts";
import { mountingAt, type RegisteredDevice } from "../stores/caches/device-registry.ts";

type Fix = Pick<Reading<"gps">, "deviceId" | "ts" | "seq" | "receivedAt" | "content">;

/** A vehicle's position with the number of the reading that says so. */
export interface VehiclePositionOfFix extends VehiclePositionRow {
  seq: number;
}

/**
 * Where the vehicles are that one device was on: for each its newest fix that counts. A device that changed vehicles has
 * left the one before where it last saw it, however its readings are cut into batches.
 * @param fixes fixes of one device with what the rule thinks of them; `reading` undefined: not at hand
 */
export function positionsFrom(
  fixes: Iterable<{ reading: Fix | undefined; quality: Quality }>,
  device: RegisteredDevice | undefined,
): VehiclePositionOfFix[] {
  const newest = new Map<number, Fix>();
  // Nearly always there is one vehicle: it is looked for once and not for every fix.
  const always = device?.mountings.length === 1 ? device.mountings[0] : undefined;
  for (const { reading, quality } of fixes) {
    if (reading === undefined || (quality !== "ok" && quality !== "approx")) continue;
    const mounting = always !== undefined && always.since <= reading.ts ? always : mountingAt(device, reading.ts);
    const vehicleId = mounting?.vehicle?.vehicleId;
    if (vehicleId === undefined) continue;
    const known = newest.get(vehicleId);
    if (known === undefined || compareSamples(known, reading) < 0) newest.set(vehicleId, reading);
  }
  return [...newest].map(([vehicleId, fix]) => positionOf(fix, vehicleId));
}

function positionOf({ deviceId, ts, seq, receivedAt, content }: Fix, vehicleId: number): VehiclePositionOfFix {
  const { lat, lon, accuracy = null, speed = null, heading = null } = content;
  return { vehicleId, deviceId, ts, seq, receivedAt, lat, lon, accuracy, speed, heading };
}
