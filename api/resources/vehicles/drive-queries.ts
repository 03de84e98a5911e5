import { groupBy } from "../../../ingest/domain/group-by.ts";
import type { Reader } from "../../auth/limits.ts";
import type { Driver } from "../../../ingest/domain/vehicle/driver-times.ts";
import { drivenDistance, oneVehicleDrives } from "../../../ingest/domain/vehicle/drives.ts";
import {
  countManoeuvres,
  type ManoeuvreCounts,
  type SeenManoeuvre,
} from "../../../ingest/domain/vehicle/manoeuvres.ts";
import { msOfTime, timeOfMs } from "../../http/sql-time.ts";
import { ABOARD, OF_ABOARD, SIGNED_ON_AT } from "./devices-aboard.ts";
import { SIGNED_ON_FOR } from "./driver-queries.ts";

/** All drives of a period are read at once, with what their vehicles told as it is: a longer one would take too long. */
export const MAX_DRIVE_DAYS = 92;
/** An odometer is read so long before a drive begins, and before it ends. */
const ODOMETER_AGE = "15 minutes";

/** What a vehicle has driven in one go, and who drove: who had signed on, else who was planned to drive. */
export interface Drive extends Driver {
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
  /** done harshly */
  harsh: ManoeuvreCounts;
}

interface SeenRow extends Omit<Drive, "distanceM" | "source" | keyof Driver | "harsh"> {
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

interface ToldOfDrive extends Driver {
  atStartM: number | null;
  atEndM: number | null;
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
        LEFT JOIN LATERAL (SELECT w.id, coalesce(w.name, card_name(f.data ->> 'token')) AS name FROM facts f LEFT JOIN drivers w ON w.token = f.data ->> 'token'
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
