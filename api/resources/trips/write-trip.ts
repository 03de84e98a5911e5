import type { PoolClient } from "pg";
import { beyondLimits, isWithinLimits, leaveLimits, withinLimits } from "../../auth/limits.ts";
import type { Principal } from "../../auth/principal.ts";
import { invalid, Problem, unknownReference } from "../../http/problem.ts";
import { recordFacts } from "../../http/record-facts.ts";
import { assertReferences } from "../../http/references.ts";
import type { Versioned } from "../../http/response.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { findVehicle } from "../vehicles/queries.ts";
import { changedShipments, type PlannedHandling, plannedHandlings, plansOfShipments } from "./planned-shipments.ts";
import { findTrip, getTrip } from "./queries.ts";
import type { NewTrip, Trip, TripChange } from "./schema.ts";

const COLUMNS = ["vehicle_id", "driver_id", "driver_name", "starts_at", "ends_at"];

/** Adds a trip with its stops. @returns its id @throws Problem 400 or 409 when the plan cannot be */
export async function addTrip(client: PoolClient, principal: Principal, body: NewTrip): Promise<Versioned<Trip>> {
  const row = await tripRow(client, body, undefined);
  const id = await insertRow(client, "trips", row, COLUMNS);
  await writeStops(client, id, body.vehicle_id, body.stops, []);
  await assertWholeVisible(client, id);
  return foldPlan(client, principal, id, { before: undefined, plans: [] });
}

/** Changes the plan of a trip that is not over. Fields that are left out keep their value. */
export async function changeTrip(
  client: PoolClient,
  principal: Principal,
  id: number,
  change: TripChange,
): Promise<Versioned<Trip>> {
  const before = await getTrip(client, id);
  await assertWholeVisible(client, id);
  if (before.status === "completed" || before.status === "cancelled") {
    throw new Problem(409, `this trip is ${before.status}: its plan is not changed any more`);
  }
  const plans = await beyondLimits(client, () => plansOfShipments(client, id));
  const row = await tripRow(client, change, before);
  if (before.status === "under_way" && isOtherDriver(before, row)) await keepDriver(client, before);
  await updateRow(client, "trips", id, row, COLUMNS);
  if (change.stops) {
    await client.query("DELETE FROM trip_stops WHERE trip_id = $1", [id]);
    await writeStops(client, id, change.vehicle_id ?? before.vehicle_id, change.stops, plans);
    await assertWholeVisible(client, id);
  }
  return foldPlan(client, principal, id, { before, plans });
}

/** Cancels a trip: what was planned is planned no more, and its time is free for others. */
export async function cancelTrip(client: PoolClient, principal: Principal, id: number): Promise<Versioned<Trip>> {
  const before = await getTrip(client, id);
  await assertWholeVisible(client, id);
  if (before.status === "completed" || before.status === "cancelled") {
    throw new Problem(409, `this trip is ${before.status} already`);
  }
  const plans = await beyondLimits(client, () => plansOfShipments(client, id));
  await client.query(
    "UPDATE trips SET status = 'cancelled', cancelled_at = now(), updated_at = now(), version = version + 1 WHERE id = $1",
    [id],
  );
  return foldPlan(client, principal, id, { before, plans });
}

/** Removes a planned or cancelled trip. @throws Problem 409 for any other */
export async function removeTrip(client: PoolClient, principal: Principal, id: number): Promise<void> {
  const before = await getTrip(client, id);
  await assertWholeVisible(client, id);
  if (before.status === "under_way" || before.status === "completed") {
    const words = before.status === "under_way" ? "under way: cancel it" : "completed: it is kept";
    throw new Problem(409, `this trip is ${words}`);
  }
  const plans = await beyondLimits(client, () => plansOfShipments(client, id));
  await client.query("DELETE FROM trips WHERE id = $1", [id]);
  await foldPlan(client, principal, id, { before, plans }, true);
}

async function tripRow(
  client: PoolClient,
  { vehicle_id: vehicleId, driver, stops }: TripChange,
  before: Trip | undefined,
): Promise<Record<string, unknown>> {
  if (vehicleId !== undefined && !(await findVehicle(client, vehicleId))) {
    throw unknownReference("/vehicle_id", "vehicle");
  }
  const startsAt = stops?.[0]?.window.from ?? before!.starts_at;
  const endsAt = stops ? new Date(Math.max(...stops.map(({ window }) => window.to.getTime()))) : before!.ends_at;
  const plan = { vehicleId: vehicleId ?? before!.vehicle_id, startsAt, endsAt };
  if (vehicleId !== undefined || stops) await assertFree(client, plan, before?.id);
  return {
    vehicle_id: vehicleId,
    ...(driver !== undefined && (await driverColumns(client, driver))),
    starts_at: startsAt,
    ends_at: endsAt,
  };
}

/** A name that exactly one driver has means that driver. @throws Problem 400 when there is no driver with this id */
async function driverColumns(client: PoolClient, driver: number | string | null) {
  if (driver === null) return { driver_id: null, driver_name: null };
  const { rows } = await client.query<{ id: number }>(
    `SELECT id FROM drivers WHERE ${typeof driver === "number" ? "id = $1" : "lower(name) = lower($1)"} LIMIT 2 FOR KEY SHARE`,
    [driver],
  );
  if (rows.length === 1) return { driver_id: rows[0]!.id, driver_name: null };
  if (typeof driver === "number") throw unknownReference("/driver", "driver");
  return { driver_id: null, driver_name: driver };
}

const isOtherDriver = ({ driver }: Trip, row: Record<string, unknown>): boolean =>
  "driver_id" in row &&
  (row["driver_id"] !== (driver?.id ?? null) ||
    (row["driver_id"] === null && row["driver_name"] !== (driver?.name ?? null)));

/** Who is replaced on the way has driven until now: the goods aboard change hands. */
async function keepDriver(client: PoolClient, { id, driver }: Trip): Promise<void> {
  await client.query(
    `INSERT INTO trip_drivers (trip_id, until, driver_id, driver_name) VALUES ($1, clock_timestamp(), $2, $3) ON CONFLICT DO NOTHING`,
    [id, driver?.id ?? null, driver === null || driver.id !== null ? null : driver.name],
  );
}

interface VehicleTime {
  vehicleId: number;
  startsAt: Date;
  endsAt: Date;
}

/** The constraint `trips_apart` holds for plans of the same moment too; here the other trip is named. @throws Problem 409 */
async function assertFree(client: PoolClient, plan: VehicleTime, id: number | undefined): Promise<void> {
  const { rows } = await beyondLimits(client, () =>
    client.query<{ id: number; starts_at: Date; ends_at: Date }>(
      `SELECT id, starts_at, ends_at FROM trips WHERE vehicle_id = $1 AND cancelled_at IS NULL AND id IS DISTINCT FROM $4::int
        AND tstzrange(starts_at, ends_at) && tstzrange($2, $3) ORDER BY starts_at LIMIT 1`,
      [plan.vehicleId, plan.startsAt, plan.endsAt, id ?? null],
    ),
  );
  const [other] = rows;
  if (!other) return;
  const isVisible = !isWithinLimits(client) || (await findTrip(client, other.id)) !== undefined;
  const times = `from ${other.starts_at.toISOString()} to ${other.ends_at.toISOString()}`;
  const words = isVisible ? `trip ${other.id}, ${times}` : "another trip in that time";
  const detail = `the vehicle has ${words}: two trips of one vehicle do not overlap`;
  throw new Problem(409, detail, { errors: [{ pointer: "/stops", message: detail }] });
}

async function writeStops(
  client: PoolClient,
  id: number,
  vehicleId: number,
  stops: NewTrip["stops"],
  planned: readonly PlannedHandling[],
): Promise<void> {
  const references = stops.map(({ location_id }, at) => ({ pointer: `/stops/${at}/location_id`, id: location_id }));
  await assertReferences(client, "locations", references);
  const handlings = await plannedHandlings(client, vehicleId, stops, planned);
  const rows = stops.map(({ location_id, window: { from, to } }, at) => ({ sequence: at + 1, location_id, from, to }));
  await client.query(
    `INSERT INTO trip_stops (trip_id, sequence, location_id, window_from, window_to)
    SELECT $1, sequence, location_id, "from", "to"
    FROM jsonb_to_recordset($2::jsonb) AS t (sequence int, location_id int, "from" timestamptz, "to" timestamptz)`,
    [id, JSON.stringify(rows)],
  );
  await client.query(
    `INSERT INTO trip_stop_shipments (trip_id, sequence, shipment_id, action)
    SELECT $1, sequence, "shipmentId", action FROM jsonb_to_recordset($2::jsonb) AS t (sequence int, "shipmentId" int, action text)`,
    [id, JSON.stringify(handlings)],
  );
}

/**
 * A principal with limits plans what it sees whole: stops at its locations, and under a limit to owners with their goods.
 * @throws Problem 400 or 403 when the trip has other stops too
 */
async function assertWholeVisible(client: PoolClient, id: number): Promise<void> {
  if (!isWithinLimits(client)) return;
  const count = async (): Promise<number> => {
    const { rows } = await client.query<{ count: number }>(
      `SELECT (SELECT count(*) FROM trip_stops WHERE trip_id = $1)::int + (SELECT count(*) FROM trip_stop_shipments WHERE trip_id = $1)::int AS count`,
      [id],
    );
    return rows[0]!.count;
  };
  const [seen, all] = [await count(), await beyondLimits(client, count)];
  if (seen === 0) throw invalid("/stops", "name goods of your owners at the stops: a trip without them is not yours");
  if (seen < all) throw new Problem(403, "this trip has stops or goods that are not among those that you may see");
}

/** Folds what depends on a plan: the trip and its neighbours, and the shipments whose plan has changed. @returns the trip as the principal sees it */
async function foldPlan(
  client: PoolClient,
  principal: Principal,
  id: number,
  { before, plans }: { before: Trip | undefined; plans: Awaited<ReturnType<typeof plansOfShipments>> },
  isRemoved = false,
): Promise<Versioned<Trip>> {
  await leaveLimits(client);
  const after = isRemoved ? undefined : await getTrip(client, id);
  const times = [before, after].flatMap((trip) =>
    trip ? [trip.starts_at, trip.ends_at].map((at) => ({ vehicleId: trip.vehicle_id, at: at.getTime() })) : [],
  );
  const refold = changedShipments(plans, await plansOfShipments(client, id));
  await recordFacts(client, { facts: [], refold, plans: times, trips: [id] });
  if (isRemoved) return before as Versioned<Trip>;
  return withinLimits(client, principal, async () => {
    const trip = await getTrip(client, id);
    await leaveLimits(client);
    return trip;
  });
}
