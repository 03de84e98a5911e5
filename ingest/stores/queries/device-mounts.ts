import type { ReadPointMount, ShelfMount, VehicleMount } from "../../signals/sample.ts";
import type { Lookup } from "./registry/overlay-map.ts";

/** Where a device is mounted, from `since` (epoch milliseconds) until the next mounting. */
export interface Mounting {
  since: number;
  vehicle?: VehicleMount;
  readPoint?: ReadPointMount;
  shelf?: ShelfMount;
}

/** The mounting that applies at `ts` (epoch milliseconds); undefined before the first one. */
export function mountingAt(device: { mountings: readonly Mounting[] } | undefined, ts: number): Mounting | undefined {
  return device?.mountings.find(({ since }) => since <= ts);
}

/** A row of device_mounts. The API has validated `mount`. */
export interface MountRow {
  since: number;
  mount: {
    vehicle_id?: number;
    /** on the goods themselves: its readings are followed by ingest/watch, and make no signal */
    shipment_id?: number;
    location_id?: number;
    antennas?: Record<string, "inside" | "outside">;
    item_id?: number;
    tare_grams?: number;
    division_grams?: number;
  } | null;
}

/** A row of calibrations: the weight of one unit of an item on this scale, from `since` (epoch milliseconds) on. */
export interface CalibrationRow {
  since: number;
  itemId: number;
  unitWeightGrams: number;
}

/** Stock positions and unit weights that the mount of a shelf refers to. */
interface ShelfContext {
  /** stock position by `itemId:locationId` */
  stock: Lookup<string, number>;
  /** by item, for scales without a calibration */
  unitWeights: ReadonlyMap<number, number>;
}

/** Translates mounts (newest first) for the rules. The mount of a shelf becomes one mounting for each unit weight it had. */
export function toMountings(
  mounts: readonly MountRow[],
  calibrations: readonly CalibrationRow[],
  shelves: ShelfContext,
): Mounting[] {
  return mounts.flatMap((row, index) => {
    const until = mounts[index - 1]?.since ?? Infinity;
    const applicable = calibrations.filter(({ itemId, since }) => itemId === row.mount?.item_id && since < until);
    const during = applicable.filter(({ since }) => since > row.since);
    return [
      ...during.map(({ since, unitWeightGrams }) => ({ ...toMounting(row, shelves, unitWeightGrams), since })),
      toMounting(row, shelves, applicable[during.length]?.unitWeightGrams),
    ];
  });
}

/** A shelf without a stock position or a unit weight counts nothing: its mounting is empty. */
function toMounting(
  { since, mount }: MountRow,
  { stock, unitWeights }: ShelfContext,
  calibratedGrams: number | undefined,
): Mounting {
  if (mount === null) return { since };
  if (mount.vehicle_id !== undefined) {
    const vehicle = { vehicleId: mount.vehicle_id };
    return { since, vehicle, readPoint: { locationId: null, ...vehicle, antennas: {} } };
  }
  if (mount.location_id === undefined) return { since };
  if (mount.item_id === undefined) {
    return { since, readPoint: { locationId: mount.location_id, antennas: mount.antennas ?? {} } };
  }
  const stockId = stock.get(`${mount.item_id}:${mount.location_id}`);
  const unitWeightGrams = calibratedGrams ?? unitWeights.get(mount.item_id);
  if (stockId === undefined || unitWeightGrams === undefined) return { since };
  const { tare_grams: tareGrams = 0, division_grams: divisionGrams } = mount;
  const shelf = { stockId, unitWeightGrams, tareGrams, tareSince: since };
  return { since, shelf: divisionGrams === undefined ? shelf : { ...shelf, divisionGrams } };
}
