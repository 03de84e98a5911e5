import type { NewFact } from "../domain/fact.ts";
import type { Reading } from "./reading.ts";
import { compareSamples, type Quality } from "../signals/signal-rule.ts";
import type { VehiclePositionRow } from "../stores/writes/vehicle-positions.ts";
import { mountingAt } from "../stores/queries/device-mounts.ts";
import type { RegisteredDevice } from "../stores/queries/device-registry.ts";
type Fix = Pick<Reading<"gps">, "deviceId" | "ts" | "seq" | "receivedAt" | "content">;

/** A vehicle's position, with the counter of the reading it comes from. */
export interface VehiclePositionOfFix extends VehiclePositionRow {
  seq: number;
}

/**
 * The positions of the vehicles that one device was mounted on: for each vehicle the newest fix of good quality. A device
 * that changed vehicles leaves the earlier one at its last fix there, however its readings are split into batches.
 * @param fixes fixes of one device with their quality; `reading` is undefined for a fix of an earlier batch
 */
export function positionsFrom(
  fixes: Iterable<{ reading: Fix | undefined; quality: Quality }>,
  device: RegisteredDevice | undefined,
): VehiclePositionOfFix[] {
  const newest = new Map<number, Fix>();
  // Nearly every device has one mounting, which need not be searched for every fix.
  const onlyMounting = device?.mountings.length === 1 ? device.mountings[0] : undefined;
  for (const { reading, quality } of fixes) {
    if (reading === undefined || (quality !== "ok" && quality !== "approx")) continue;
    const mounting =
      onlyMounting !== undefined && onlyMounting.since <= reading.ts ? onlyMounting : mountingAt(device, reading.ts);
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

/** The vehicles that have moved, or of whose driving something is told, for the notice of the commit. */
export function changedVehicles({
  positions,
  added,
}: {
  positions: readonly VehiclePositionRow[];
  added: readonly NewFact[];
}): { positions?: number[] } {
  const harsh = added.filter(({ type }) => type === "harsh_driving");
  const ids = new Set([
    ...positions.map(({ vehicleId }) => vehicleId),
    ...harsh.map(({ subject }) => Number(subject.slice("vehicle:".length))),
  ]);
  return ids.size === 0 ? {} : { positions: [...ids] };
}
