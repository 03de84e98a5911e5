import { z } from "@hono/zod-openapi";
import { driverKey } from "../../../ingest/domain/vehicle/driver-times.ts";
import type { Reader } from "../../auth/limits.ts";
import { id, queryId, timestamp } from "../../http/fields.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { decodeCursor, encodeCursor, type Page, pageOf } from "../../http/paging.ts";
import { type Drive, MAX_DRIVE_DAYS } from "../vehicles/drive-queries.ts";
import { type Period, periodFilter, periodOf, type Report, rounded, roundedOrNull } from "./report.ts";
import {
  loadUseOfDrivers,
  loadUseOfVehicles,
  type ReportedVehicle,
  type VehicleUse,
  vehiclesThatStopped,
} from "./vehicle-use.ts";

const DAYS = 7;
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
    stops: z.number().int().describe("between two drives; by driver: after a drive of this one"),
    distance_km: z.number().describe("by the odometer where it is known, else along the track"),
    odometer_percent: z.number().nullable().describe("of the distance, what the odometer has told"),
    driving_hours: z.number(),
    stopped_hours: z.number().describe("between two drives"),
    idling_hours: z
      .number()
      .nullable()
      .describe(
        "with the ignition on and outside of drives; by driver: while this one had signed on, else was planned to drive. Null: the ignition is not known",
      ),
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
    .describe("driver: a row for each who drove the vehicle, was planned to, or had signed on while it idled"),
  vehicle_id: queryId.optional(),
  location_id: queryId
    .optional()
    .describe(
      "only vehicles that stopped there: of which a drive ended in the period within the geofence of this location, or of one below it, as it is now. What is told of them is all that they did. Where there is no geofence, nobody is known to have stopped",
    ),
  ...periodFilter("drives that ended", DAYS),
});

/** A vehicle that the last page was done with, or a driver of it. */
const vehicleCursor = z.union([z.tuple([z.number().int()]), z.tuple([z.number().int(), z.string()])]);

async function page(
  db: Reader,
  { by, vehicle_id: vehicleId, location_id: locationId, ...asked }: z.output<typeof query>,
  cursor: string | undefined,
  limit: number,
): Promise<Page<z.output<typeof row>>> {
  const period = periodOf(asked, DAYS, MAX_DRIVE_DAYS);
  const [after, driverAfter] = decodeCursor(cursor, vehicleCursor) ?? [0];
  const stopped = locationId === undefined ? undefined : await vehiclesThatStopped(db, locationId, vehicleId, period);
  // Of the vehicle at which the last page ended there may be more drivers.
  const conditions = new Conditions()
    .where(driverAfter === undefined ? "id > ?" : "id >= ?", after)
    .where("id = ?", vehicleId)
    .where("id = ANY(?::int[])", stopped);
  const { rows } = await db.query<ReportedVehicle>(
    `SELECT id, name FROM vehicles ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit + 1)}`,
    conditions.values,
  );
  if (by === "vehicle") {
    const shown = pageOf(rows, limit, ({ id }) => [id]);
    const uses = await loadUseOfVehicles(db, shown.rows, period);
    return { ...shown, rows: uses.map((use) => rowOf(use, period)) };
  }
  const found = await loadUseOfDrivers(db, rows, period);
  const rest = found.filter(({ vehicle, driver }) => vehicle.id > after || driverKey(driver) > (driverAfter ?? ""));
  const shown = pageOf(rest, limit, ({ vehicle, driver }) => [vehicle.id, driverKey(driver)]);
  const next = shown.next ?? (rows.length > limit ? encodeCursor([rows.at(-1)!.id]) : undefined);
  return { next, rows: shown.rows.map((use) => rowOf(use, period)) };
}

function rowOf(
  { vehicle, driver, drives, stops, trips, idlingMs, fuelUsed }: VehicleUse,
  period: Period,
): z.output<typeof row> {
  const sum = (of: (drive: Drive) => number) => drives.reduce((total, drive) => total + of(drive), 0);
  const metres = sum(({ distanceM }) => distanceM);
  const measured = sum(({ distanceM, source }) => (source === "odometer" ? distanceM : 0));
  const drivingHours = sum(({ from, to }) => to - from) / HOUR_MS;
  return {
    vehicle_id: vehicle.id,
    vehicle_name: vehicle.name,
    driver_id: driver?.driverId ?? null,
    driver_name: driver?.driverName ?? null,
    trips,
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
