import { z } from "@hono/zod-openapi";
import { stopsBetween } from "../../../ingest/domain/vehicle/drives.ts";
import { groupBy } from "../../../ingest/domain/group-by.ts";
import type { Reader } from "../../auth/limits.ts";
import { id, queryId, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { decodeCursor, encodeCursor, type Page, pageOf } from "../../http/paging.ts";
import { invalid } from "../../http/problem.ts";
import { MAX_TRIP_DAYS } from "../trips/schema.ts";
import { type Drive, type EngineUse, loadDrives, loadEngineUse } from "../vehicles/drive-queries.ts";
import { type Period, periodFilter, periodOf, type Report, rounded, roundedOrNull } from "./report.ts";

const DAYS = 7;
/** What a vehicle tells is read as it is: a longer period would take too long. */
const MAX_DAYS = 92;
const HOUR_MS = 3_600_000;

const row = z
  .object({
    vehicle_id: id,
    vehicle_name: z.string(),
    driver_id: id
      .nullable()
      .describe("when grouped by driver; null: not known, or a person without a row of their own"),
    driver_name: z.string().nullable(),
    trips: z
      .number()
      .int()
      .describe(
        "planned trips that it set out on, of which a part was planned for the period; by driver: those planned for this one",
      ),
    drives: z.number().int().describe("from one stop to the next"),
    stops: z.number().int().describe("between two drives"),
    distance_km: z.number().describe("by the odometer where it is known, else along the track"),
    odometer_percent: z.number().nullable().describe("of the distance, what the odometer has told"),
    driving_hours: z.number(),
    stopped_hours: z.number().describe("between two drives"),
    idling_hours: z
      .number()
      .nullable()
      .describe("with the ignition on and outside of drives; null: not known, or grouped by driver"),
    fuel_used_percent: z.number().nullable().describe("of a tank; null: not known, or grouped by driver"),
    harsh_braking: z
      .number()
      .int()
      .describe(
        "in its drives, as devices on it have measured, or as the speeds of fixes at most 5 s apart show; 0 where neither is at hand",
      ),
    harsh_acceleration: z.number().int(),
    harsh_cornering: z.number().int().describe("as devices tell: fixes do not show it"),
    mean_speed_kmh: z.number().nullable().describe("while it drove"),
    from: timestamp,
    to: timestamp,
    as_of: timestamp,
  })
  .openapi("VehicleUseRow");

const query = z.strictObject({
  by: z
    .enum(["vehicle", "driver"])
    .default("vehicle")
    .describe("driver: a row for each who drove the vehicle, or was planned to"),
  vehicle_id: queryId.optional(),
  ...periodFilter("drives that ended", DAYS),
});

/** A vehicle that the last page was done with, or a driver of it. */
const vehicleCursor = z.union([z.tuple([z.number().int()]), z.tuple([z.number().int(), z.string()])]);

interface Vehicle {
  id: number;
  name: string;
}

const idsOf = (rows: readonly Vehicle[]): number[] => rows.map(({ id: vehicleId }) => vehicleId);

async function page(
  db: Reader,
  { by, vehicle_id: vehicleId, ...asked }: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const period = periodOf(asked, DAYS);
  if (period.to.getTime() - period.from.getTime() > MAX_DAYS * 24 * HOUR_MS) {
    throw invalid("/from", `this report covers ${MAX_DAYS} days at most`);
  }
  const [after, driverAfter] = decodeCursor(cursor, vehicleCursor) ?? [0];
  // Of the vehicle at which the last page ended there may be more drivers.
  const conditions = new Conditions()
    .where(driverAfter === undefined ? "id > ?" : "id >= ?", after)
    .where("id = ?", vehicleId);
  const { rows } = await db.query<Vehicle>(
    `SELECT id, name FROM vehicles ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit + 1)}`,
    conditions.values,
  );
  const drives = groupBy(await loadDrives(db, idsOf(rows), period), ({ vehicleId: id }) => id);
  const trips = groupBy(await loadTrips(db, idsOf(rows), period), ({ vehicleId: id }) => id);
  if (by === "driver") {
    const found = rows.flatMap((vehicle) =>
      rowsOfDrivers(vehicle, drives.get(vehicle.id) ?? [], trips.get(vehicle.id) ?? [], period),
    );
    const rest = found.filter(({ vehicle_id: id, key }) => id > after || key > (driverAfter ?? ""));
    const shown = pageOf(rest, limit, (last) => [last.vehicle_id, last.key]);
    const next = shown.next ?? (rows.length > limit ? encodeCursor([rows.at(-1)!.id]) : undefined);
    return { next, rows: shown.rows.map(withoutKey) };
  }
  const vehicles = pageOf(rows, limit, ({ id }) => [id]);
  const own = vehicles.rows.flatMap(({ id }) => drives.get(id) ?? []);
  const engines = await loadEngineUse(db, idsOf(vehicles.rows), period, own);
  return {
    ...vehicles,
    rows: vehicles.rows.map((vehicle) => {
      const { length: made } = trips.get(vehicle.id) ?? [];
      return rowOf(vehicle, drives.get(vehicle.id) ?? [], { made, engine: engines.get(vehicle.id) }, period);
    }),
  };
}

/** A planned trip that a vehicle has set out on, and who was planned to drive it. */
type MadeTrip = Pick<Drive, "vehicleId" | "driverId" | "driverName">;

const driverKey = ({ driverId, driverName }: Pick<Drive, "driverId" | "driverName">): string =>
  `${driverId} ${driverName}`;

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

/** A row for each who drove it, in the order of their keys. */
function rowsOfDrivers(
  vehicle: Vehicle,
  drives: readonly Drive[],
  trips: readonly MadeTrip[],
  period: Period,
): (z.output<typeof row> & { key: string })[] {
  const byDriver = groupBy(drives, driverKey);
  const tripsByDriver = groupBy(trips, driverKey);
  const drivers = new Map([...drives, ...trips].map((of) => [driverKey(of), of]));
  return [...drivers]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { driverId, driverName }]) => ({
      ...rowOf(vehicle, byDriver.get(key) ?? [], { made: tripsByDriver.get(key)?.length ?? 0 }, period),
      driver_id: driverId,
      driver_name: driverName,
      key,
    }));
}

function withoutKey<Row extends { key: string }>(row: Row): Omit<Row, "key"> {
  const { key: _, ...rest } = row;
  return rest;
}

function rowOf(
  { id: vehicleId, name }: Vehicle,
  drives: readonly Drive[],
  { made, engine }: { made: number; engine?: EngineUse | undefined },
  period: Period,
): z.output<typeof row> {
  const sum = (of: (drive: Drive) => number) => drives.reduce((total, drive) => total + of(drive), 0);
  const metres = sum(({ distanceM }) => distanceM);
  const measured = sum(({ distanceM, source }) => (source === "odometer" ? distanceM : 0));
  const drivingHours = sum(({ from, to }) => to - from) / HOUR_MS;
  const stops = stopsBetween(drives);
  const { idlingMs = null, fuelUsed = null } = engine ?? {};
  return {
    vehicle_id: vehicleId,
    vehicle_name: name,
    driver_id: null,
    driver_name: null,
    trips: made,
    drives: drives.length,
    stops: stops.length,
    distance_km: rounded(metres / 1000),
    odometer_percent: metres === 0 ? null : rounded((100 * measured) / metres, 1),
    driving_hours: rounded(drivingHours),
    stopped_hours: rounded(stops.reduce((total, { from, to }) => total + to - from, 0) / HOUR_MS),
    idling_hours: idlingMs === null ? null : rounded(idlingMs / HOUR_MS),
    fuel_used_percent: fuelUsed === null ? null : roundedOrNull(100 * fuelUsed, 1),
    harsh_braking: sum(({ harsh }) => harsh.braking),
    harsh_acceleration: sum(({ harsh }) => harsh.acceleration),
    harsh_cornering: sum(({ harsh }) => harsh.cornering),
    mean_speed_kmh: drivingHours === 0 ? null : rounded(metres / 1000 / drivingHours, 1),
    ...period,
    as_of: new Date(),
  };
}

export const vehicles: Report<typeof query> = {
  kind: "vehicles",
  question: "What did each vehicle drive, and how long did it stand and idle?",
  query,
  row,
  page,
};
