import type { Reader } from "../../auth/limits.ts";
import { deviationMinutes, dwellMinutes } from "../../../ingest/domain/trip/punctuality.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { microsecondsOf } from "../../http/lists/times.ts";
import { found } from "../../http/problem.ts";
import { isoTime } from "../../http/sql-time.ts";
import type { Versioned } from "../../http/response.ts";
import { MAX_TRIP_DAYS, type Trip } from "./schema.ts";

const STOPS = `(SELECT coalesce(json_agg(json_build_object('sequence', s.sequence, 'location_id', s.location_id, 'location', l.name,
      'from', s.window_from, 'to', s.window_to, 'state', s.state, 'arrived_at', s.arrived_at, 'departed_at', s.departed_at,
      'eta', (SELECT json_build_object('p50', ${isoTime("e.p50")}, 'p90', ${isoTime("e.p90")}, 'basis', e.basis, 'problem', e.problem,
          'runs', e.runs, 'computed_at', ${isoTime("e.estimated_at")}, 'position_at', ${isoTime("e.position_at")})
        FROM trip_stop_etas e WHERE e.trip_id = s.trip_id AND e.sequence = s.sequence AND s.state = 'expected'),
      'shipments', (SELECT coalesce(json_agg(json_build_object('id', h.shipment_id, 'tracking_number', p.tracking_number, 'action', h.action)
          ORDER BY h.action, h.shipment_id), '[]') FROM trip_stop_shipments h JOIN shipments p ON p.id = h.shipment_id
        WHERE h.trip_id = s.trip_id AND h.sequence = s.sequence)) ORDER BY s.sequence), '[]')
    FROM trip_stops s JOIN locations l ON l.id = s.location_id WHERE s.trip_id = t.id)`;

const UNPLANNED = `(SELECT coalesce(json_agg(json_build_object('location_id', u.location_id, 'location', l.name, 'lat', u.lat, 'lon', u.lon,
      'arrived_at', u.arrived_at, 'departed_at', u.departed_at) ORDER BY u.number), '[]')
    FROM trip_unplanned_stops u LEFT JOIN locations l ON l.id = u.location_id WHERE u.trip_id = t.id)`;

const TRIP = `SELECT t.id, t.vehicle_id, v.name AS vehicle, CASE WHEN coalesce(d.name, t.driver_name) IS NOT NULL
      THEN json_build_object('id', d.id, 'name', coalesce(d.name, t.driver_name)) END AS driver,
    t.status, t.starts_at, t.ends_at, ${STOPS} AS stops, ${UNPLANNED} AS unplanned_stops, t.cancelled_at, t.created_at, t.updated_at,
    t.version, ${microsecondsOf("t.starts_at")} AS key
  FROM trips t LEFT JOIN vehicles v ON v.id = t.vehicle_id LEFT JOIN drivers d ON d.id = t.driver_id`;

/** Times inside JSON come as text. */
interface StoredStop extends Omit<Trip["stops"][number], "window" | "arrived_at" | "departed_at"> {
  from: string;
  to: string;
  arrived_at: string | null;
  departed_at: string | null;
}
interface StoredUnplanned extends Omit<Trip["unplanned_stops"][number], "arrived_at" | "departed_at"> {
  arrived_at: string;
  departed_at: string | null;
}
interface TripRow extends Omit<Versioned<Trip>, "stops" | "unplanned_stops"> {
  stops: StoredStop[];
  unplanned_stops: StoredUnplanned[];
  key: string;
}

function tripOf(found: TripRow): Versioned<Trip> {
  const { key: _, ...row } = found;
  return { ...row, stops: row.stops.map(stopOf), unplanned_stops: row.unplanned_stops.map(unplannedOf) };
}

function stopOf({ from, to, shipments, arrived_at, departed_at, ...stop }: StoredStop): Trip["stops"][number] {
  const window = { from: new Date(from), to: new Date(to) };
  const actual = { arrivedAt: msOf(arrived_at), departedAt: msOf(departed_at) };
  const range = { from: window.from.getTime(), to: window.to.getTime() };
  return {
    ...stop,
    window,
    shipment_ids: shipments.map(({ id }) => id),
    shipments,
    arrived_at: dateOf(arrived_at),
    departed_at: dateOf(departed_at),
    deviation_minutes: deviationMinutes(range, actual, stop.sequence === 1),
    dwell_minutes: dwellMinutes(actual),
  };
}

function unplannedOf({ arrived_at, departed_at, ...stop }: StoredUnplanned): Trip["unplanned_stops"][number] {
  const dwell = dwellMinutes({ arrivedAt: msOf(arrived_at), departedAt: msOf(departed_at) });
  return { ...stop, arrived_at: new Date(arrived_at), departed_at: dateOf(departed_at), dwell_minutes: dwell };
}

const dateOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
const msOf = (text: string | null): number | null => dateOf(text)?.getTime() ?? null;

export async function findTrip(db: Reader, id: number): Promise<Versioned<Trip> | undefined> {
  const { rows } = await db.query<TripRow>(`${TRIP} WHERE t.id = $1`, [id]);
  return rows[0] && tripOf(rows[0]);
}

/** @throws Problem 404 when there is no such trip */
export async function getTrip(db: Reader, id: number): Promise<Versioned<Trip>> {
  return found(await findTrip(db, id), "trip");
}

export interface TripFilter {
  vehicleId: number | undefined;
  driver: string | undefined;
  status: string | undefined;
  locationId: number | undefined;
  shipmentId: number | undefined;
  from: Date | undefined;
  to: Date | undefined;
}

/** A place and what lies below it. */
const BELOW = `WITH RECURSIVE below AS (SELECT id FROM locations WHERE id = ? UNION SELECT l.id FROM locations l JOIN below ON l.parent_id = below.id)
  SELECT id FROM below`;

/** Trips of a driver by name. */
const OF_DRIVER = `SELECT id FROM trips WHERE driver_id IN (SELECT id FROM drivers WHERE lower(name) = lower(?))
  UNION ALL SELECT id FROM trips WHERE lower(driver_name) = lower(?)`;

/** Lists trips in the order in which they begin. `key`: microseconds, of the last row on the page before. */
export async function listTrips(
  db: Reader,
  filter: TripFilter,
  { after, limit }: { after: readonly [key: string, id: number] | undefined; limit: number },
): Promise<{ key: string; trip: Versioned<Trip> }[]> {
  const conditions = new Conditions()
    .where("t.vehicle_id = ?", filter.vehicleId)
    .where("t.status = ?", filter.status)
    .where(`t.id IN (SELECT trip_id FROM trip_stops WHERE location_id IN (${BELOW}))`, filter.locationId)
    .where("t.id IN (SELECT trip_id FROM trip_stop_shipments WHERE shipment_id = ?)", filter.shipmentId)
    // No trip lasts longer, so earlier ones need not be read.
    .where(`t.ends_at > ? AND t.starts_at > ?::timestamptz - interval '${MAX_TRIP_DAYS} days'`, filter.from)
    .where("t.starts_at < ?", filter.to);
  if (filter.driver !== undefined) {
    if (/^\d{1,9}$/.test(filter.driver)) conditions.where("t.driver_id = ?", Number(filter.driver));
    else conditions.where(`t.id IN (${OF_DRIVER})`, filter.driver);
  }
  if (after) {
    const [key, id] = after.map((value) => conditions.parameter(value));
    conditions.is(`(t.starts_at, t.id) > (${key}::timestamptz, ${id}::int)`, true);
  }
  const { rows } = await db.query<TripRow>(
    `${TRIP} ${conditions.sql} ORDER BY t.starts_at, t.id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows.map((row) => ({ key: row.key, trip: tripOf(row) }));
}
