import { groupBy } from "../../../ingest/domain/group-by.ts";
import { type Driver, driverKey } from "../../../ingest/domain/vehicle/driver-times.ts";
import type { Reader } from "../../auth/limits.ts";
import { type Stop, stopsBetween } from "../../../ingest/domain/vehicle/drives.ts";
import { MAX_TRIP_DAYS } from "../trips/schema.ts";
import { type Drive, loadDrives } from "../vehicles/drive-queries.ts";
import { loadDrivesUnderWay } from "../vehicles/drives-under-way.ts";
import { loadDriverTimes } from "../vehicles/driver-queries.ts";
import { type IdlingAsked, loadFuelUse, loadIdling } from "../vehicles/engine-queries.ts";
import { loadStopPlaces } from "../vehicles/stop-places.ts";
import type { Period } from "./report.ts";

export interface ReportedVehicle {
  id: number;
  name: string;
}

/** What a vehicle did in a period, or one of its drivers with it. */
export interface VehicleUse {
  vehicle: ReportedVehicle;
  /** undefined: all who drove it */
  driver?: Driver;
  drives: readonly Drive[];
  /** after one of these drives */
  stops: readonly Stop<Drive>[];
  /** planned trips that it set out on */
  trips: number;
  /** null: not known */
  idlingMs: number | null;
  /** of the tank; null: not known */
  fuelUsed: number | null;
}

const idsOf = (vehicles: readonly ReportedVehicle[]): number[] => vehicles.map(({ id }) => id);
const vehicleOf = ({ vehicleId }: { vehicleId: number }): number => vehicleId;

export async function loadUseOfVehicles(
  db: Reader,
  vehicles: readonly ReportedVehicle[],
  period: Period,
): Promise<VehicleUse[]> {
  const ids = idsOf(vehicles);
  const all = await loadDrives(db, ids, period);
  const [drives, trips] = [groupBy(all, vehicleOf), groupBy(await loadTrips(db, ids, period), vehicleOf)];
  const during = [{ from: period.from.getTime(), to: period.to.getTime() }];
  const idling = await loadIdling(
    db,
    ids.map((vehicleId) => ({ vehicleId, during })),
    [...all, ...(await loadDrivesUnderWay(db, ids, period.to))],
  );
  const fuel = await loadFuelUse(db, ids, period);
  return vehicles.map((vehicle, at) => {
    const own = drives.get(vehicle.id) ?? [];
    return {
      ...{ vehicle, drives: own, stops: stopsBetween(own) },
      trips: trips.get(vehicle.id)?.length ?? 0,
      idlingMs: idling[at]!,
      fuelUsed: fuel.get(vehicle.id) ?? null,
    };
  });
}

/** Of each vehicle one for each who drove it, was planned to, or had signed on while it idled, in the order of their keys. */
export async function loadUseOfDrivers(
  db: Reader,
  vehicles: readonly ReportedVehicle[],
  period: Period,
): Promise<(VehicleUse & { driver: Driver })[]> {
  const ids = idsOf(vehicles);
  const all = await loadDrives(db, ids, period);
  const [drives, trips] = [groupBy(all, vehicleOf), groupBy(await loadTrips(db, ids, period), vehicleOf)];
  const times = await loadDriverTimes(db, ids, period);
  const found = vehicles.flatMap((vehicle) => {
    const driven = drives.get(vehicle.id) ?? [];
    const own = groupBy(driven, driverKey);
    // Whoever drives next may be another one: a stop is the one's who came there.
    const stops = groupBy(stopsBetween(driven), ({ after }) => driverKey(after));
    const made = trips.get(vehicle.id) ?? [];
    const planned = groupBy(made, driverKey);
    const had = times.get(vehicle.id)!;
    const known: Driver[] = [...driven, ...made, ...[...had.values()].map(({ driver }) => driver)];
    const drivers = new Map(known.map((driver) => [driverKey(driver), driver]));
    return [...drivers]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { driverId, driverName }]) => ({
        use: {
          vehicle,
          driver: { driverId, driverName },
          drives: own.get(key) ?? [],
          stops: stops.get(key) ?? [],
          trips: planned.get(key)?.length ?? 0,
        },
        // Who drove is known for the whole drive, also where the sign-on came late.
        during: [...(had.get(key)?.times ?? []), ...(own.get(key) ?? [])],
      }));
  });
  const asked = found.map(({ use, during }): IdlingAsked => ({ vehicleId: use.vehicle.id, during }));
  const idling = await loadIdling(db, asked, [...all, ...(await loadDrivesUnderWay(db, ids, period.to))]);
  return found.flatMap(({ use }, at) => {
    const idlingMs = idling[at]!;
    const didSomething = use.drives.length > 0 || use.trips > 0 || (idlingMs ?? 0) > 0;
    return didSomething ? [{ ...use, idlingMs, fuelUsed: null }] : [];
  });
}

interface MadeTrip extends Driver {
  vehicleId: number;
}

/** Planned trips that the vehicles have set out on, and who was planned to drive. */
async function loadTrips(db: Reader, vehicleIds: readonly number[], { from, to }: Period): Promise<MadeTrip[]> {
  const { rows } = await db.query<MadeTrip>({
    name: "api_made_trips",
    text: `SELECT t.vehicle_id AS "vehicleId", t.driver_id AS "driverId", coalesce(w.name, t.driver_name) AS "driverName"
      FROM trips t LEFT JOIN drivers w ON w.id = t.driver_id
      WHERE t.vehicle_id = ANY($1::int[]) AND t.starts_at < $3 AND t.starts_at > $2::timestamptz - interval '${MAX_TRIP_DAYS} days' AND t.ends_at >= $2 AND t.status IN ('under_way', 'completed')`,
    values: [vehicleIds, from, to],
  });
  return rows;
}

/** The vehicles of which a drive ended in the period within the geofence of this location, or of one below it. */
export async function vehiclesThatStopped(
  db: Reader,
  locationId: number,
  vehicleId: number | undefined,
  { from, to }: Period,
): Promise<number[]> {
  const placeOf = await loadStopPlaces(db, locationId);
  const { rows } = await db.query<{ vehicleId: number; lat: number; lon: number }>({
    name: "api_ends_of_drives",
    text: `SELECT DISTINCT v.id AS "vehicleId", (f.data -> 'to' ->> 'lat')::float8 AS lat, (f.data -> 'to' ->> 'lon')::float8 AS lon
      FROM vehicles v JOIN facts f ON f.subject = 'vehicle:' || v.id AND f.at >= $2 AND f.at < $3
        AND f.type = 'trip' AND f.withdrawn_at IS NULL AND f.device_id IS NOT NULL
      WHERE v.id = coalesce($1, v.id)`,
    values: [vehicleId ?? null, from, to],
  });
  return [...new Set(rows.filter((end) => placeOf(end) !== undefined).map(vehicleOf))];
}
