import { groupBy } from "../../../ingest/domain/group-by.ts";
import type { Reader } from "../../auth/limits.ts";
import { drivenDistance, oneVehicleDrives } from "../../../ingest/domain/vehicle/drives.ts";
import {
  countManoeuvres,
  type ManoeuvreCounts,
  type SeenManoeuvre,
} from "../../../ingest/domain/vehicle/manoeuvres.ts";
import { msOfTime, timeOfMs } from "../../http/sql-time.ts";
import { ABOARD, OF_ABOARD, SIGNED_ON_AT } from "./devices-aboard.ts";

/** An odometer is read so long before a drive begins, and before it ends. */
const ODOMETER_AGE = "15 minutes";

/** Who signed on longer before a drive began is not known to drive. A reader that tells of a driver all day tells again every six hours. */
const SIGNED_ON_FOR = "12 hours";

/** What a vehicle has driven in one go. */
export interface Drive {
  vehicleId: number;
  deviceId: string;
  /** epoch milliseconds */
  from: number;
  to: number;
  trackM: number;
  distanceM: number;
  source: "odometer" | "track";
  start: { lat: number; lon: number };
  end: { lat: number; lon: number };
  /** who had signed on; else who was planned to drive */
  driverId: number | null;
  driverName: string | null;
  /** done harshly */
  harsh: ManoeuvreCounts;
}

interface SeenRow extends Omit<Drive, "distanceM" | "source" | "driverId" | "driverName" | "harsh"> {
  key: string;
}

/** The drives of these vehicles that ended in the period, in the order of time. */
export async function loadDrives(
  db: Reader,
  vehicleIds: readonly number[],
  { from, to }: { from: Date; to: Date },
): Promise<Drive[]> {
  const { rows: seen } = await db.query<SeenRow>({
    name: "api_drives_seen",
    text: `SELECT v.id AS "vehicleId", f.device_id AS "deviceId", (f.data ->> 'since')::float8 AS "from", ${msOfTime("f.at")} AS "to",
        (f.data ->> 'distanceM')::float8 AS "trackM", f.data -> 'from' AS start, f.data -> 'to' AS "end"
      FROM unnest($1::int[]) AS v (id) JOIN facts f ON f.subject = 'vehicle:' || v.id AND f.at >= $2 AND f.at < $3
        AND f.type = 'trip' AND f.withdrawn_at IS NULL AND f.device_id IS NOT NULL
      ORDER BY v.id, f.at, f.id`,
    values: [vehicleIds, from, to],
  });
  const drives = vehicleIds.flatMap((id) => oneVehicleDrives(seen.filter(({ vehicleId }) => vehicleId === id)));
  const told = await loadToldOfDrives(db, drives);
  const manoeuvres = groupBy(await loadManoeuvres(db, drives), ({ vehicleId }) => vehicleId);
  return drives.map((drive, at) => {
    const { atStartM, atEndM, driverId, driverName } = told[at]!;
    const harsh = countManoeuvres(manoeuvres.get(drive.vehicleId) ?? [], drive.from, drive.to);
    return { ...drive, ...drivenDistance(drive, { atStartM, atEndM }), driverId, driverName, harsh };
  });
}

/** Harsh manoeuvres of the vehicles while these drives lasted, in the order of time. */
async function loadManoeuvres(
  db: Reader,
  drives: readonly Pick<Drive, "vehicleId" | "from" | "to">[],
): Promise<(SeenManoeuvre & { vehicleId: number })[]> {
  if (drives.length === 0) return [];
  const { rows } = await db.query<SeenManoeuvre & { vehicleId: number }>({
    name: "api_harsh_manoeuvres",
    text: `SELECT v.id AS "vehicleId", f.data ->> 'manoeuvre' AS what, ${msOfTime("f.at")} AS at
      FROM unnest($1::int[]) AS v (id) JOIN facts f ON f.subject = 'vehicle:' || v.id AND f.at >= ${timeOfMs("$2")} AND f.at <= ${timeOfMs("$3")}
        AND f.type = 'harsh_driving' AND f.withdrawn_at IS NULL ORDER BY f.at, f.id`,
    values: [
      [...new Set(drives.map(({ vehicleId }) => vehicleId))],
      Math.min(...drives.map(({ from }) => from)),
      Math.max(...drives.map(({ to }) => to)),
    ],
  });
  return rows;
}

interface ToldOfDrive {
  atStartM: number | null;
  atEndM: number | null;
  driverId: number | null;
  driverName: string | null;
}

/** What devices on the vehicle have told of its odometer, and who had signed on; else the driver of the trip that was planned then. */
async function loadToldOfDrives(
  db: Reader,
  drives: readonly Pick<Drive, "vehicleId" | "from" | "to">[],
): Promise<ToldOfDrive[]> {
  const odometerAt = (time: string) => `(SELECT r.odometer FROM vehicle_readings r JOIN aboard a ON ${OF_ABOARD}
      WHERE a.vehicle_id = d.vehicle_id AND r.ts >= ${time} - interval '${ODOMETER_AGE}' AND r.ts <= ${time} AND r.odometer IS NOT NULL
      ORDER BY r.ts DESC LIMIT 1)`;
  const { rows } = await db.query<ToldOfDrive>({
    name: "api_told_of_drives",
    text: `WITH d AS (SELECT nth, vehicle_id, ${timeOfMs("a")} AS began, ${timeOfMs("b")} AS ended
        FROM unnest($1::int[], $2::float8[], $3::float8[]) WITH ORDINALITY AS t (vehicle_id, a, b, nth)),
      ${ABOARD}
      SELECT ${odometerAt("d.began")} AS "atStartM", ${odometerAt("d.ended")} AS "atEndM",
        coalesce(s.id, p.driver_id) AS "driverId", coalesce(s.name, p.name) AS "driverName"
      FROM d
        LEFT JOIN LATERAL (SELECT w.id, coalesce(w.name, f.data ->> 'token') AS name FROM facts f LEFT JOIN drivers w ON w.token = f.data ->> 'token'
          WHERE f.subject = 'vehicle:' || d.vehicle_id AND f.at > d.began - interval '${SIGNED_ON_FOR}' AND f.at <= d.ended
            AND f.type = 'driver_signed_on' AND f.withdrawn_at IS NULL ORDER BY ${SIGNED_ON_AT} DESC, f.at DESC, f.id DESC LIMIT 1) s ON true
        LEFT JOIN LATERAL (SELECT t.driver_id, coalesce(w.name, t.driver_name) AS name FROM trips t LEFT JOIN drivers w ON w.id = t.driver_id
          WHERE t.vehicle_id = d.vehicle_id AND t.cancelled_at IS NULL AND t.starts_at <= d.ended AND t.ends_at >= d.began
          ORDER BY t.starts_at DESC LIMIT 1) p ON true
      ORDER BY d.nth`,
    values: [drives.map(({ vehicleId }) => vehicleId), drives.map(({ from }) => from), drives.map(({ to }) => to)],
  });
  return rows;
}

/** What the engine of a vehicle has done in a period. */
export interface EngineUse {
  vehicleId: number;
  /** with the ignition on and outside of drives; null: its ignition is not known */
  idlingMs: number | null;
  /** of the tank, what its level has fallen by; null: its level is not known */
  fuelUsed: number | null;
}

/** An ignition holds until it is told again, for so long at most: after that nobody knows. */
const IGNITION_HOLDS = "10 minutes";
/** A level that rises by less sways in the tank. */
const SWAY = 0.02;

export async function loadEngineUse(
  db: Reader,
  vehicleIds: readonly number[],
  { from, to }: { from: Date; to: Date },
  drives: readonly Pick<Drive, "vehicleId" | "from" | "to">[],
): Promise<Map<number, EngineUse>> {
  const { rows } = await db.query<EngineUse>({
    name: "api_engine_use",
    text: `WITH ${ABOARD},
      driven AS (SELECT vehicle_id, range_agg(tstzrange(${timeOfMs("a")}, ${timeOfMs("b")})) AS times
        FROM unnest($4::int[], $5::float8[], $6::float8[]) AS t (vehicle_id, a, b) GROUP BY vehicle_id),
      ignitions AS (SELECT a.vehicle_id, r.ts, r.ignition, least(lead(r.ts) OVER (PARTITION BY a.vehicle_id ORDER BY r.ts), r.ts + interval '${IGNITION_HOLDS}', $3) AS until
        FROM aboard a JOIN vehicle_readings r ON ${OF_ABOARD} AND r.ts >= $2 AND r.ts < $3 WHERE r.ignition IS NOT NULL),
      running AS (SELECT vehicle_id, range_agg(tstzrange(ts, until)) FILTER (WHERE ignition AND until > ts) AS times FROM ignitions GROUP BY vehicle_id),
      idling AS (SELECT r.vehicle_id, coalesce((SELECT sum(extract(epoch FROM upper(i) - lower(i))) FROM unnest(r.times - coalesce(d.times, '{}')) i), 0) * 1000 AS ms
        FROM running r LEFT JOIN driven d ON d.vehicle_id = r.vehicle_id),
      levels AS (SELECT a.vehicle_id, r.fuel, lag(r.fuel) OVER (PARTITION BY a.vehicle_id ORDER BY r.ts) AS before
        FROM aboard a JOIN vehicle_readings r ON ${OF_ABOARD} AND r.ts >= $2 AND r.ts < $3 WHERE r.fuel IS NOT NULL),
      fuel AS (SELECT vehicle_id, sum(before - fuel) FILTER (WHERE fuel - before < ${SWAY}) AS used FROM levels GROUP BY vehicle_id)
      SELECT v.id AS "vehicleId", i.ms::float8 AS "idlingMs", CASE WHEN f.vehicle_id IS NOT NULL THEN coalesce(greatest(f.used, 0), 0) END AS "fuelUsed"
      FROM unnest($1::int[]) AS v (id) LEFT JOIN idling i ON i.vehicle_id = v.id LEFT JOIN fuel f ON f.vehicle_id = v.id`,
    values: [
      vehicleIds,
      from,
      to,
      drives.map(({ vehicleId }) => vehicleId),
      drives.map(({ from }) => from),
      drives.map(({ to }) => to),
    ],
  });
  return new Map(rows.map((row) => [row.vehicleId, row]));
}
