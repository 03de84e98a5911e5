import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import type { Measure, Rooms } from "../../../ingest/domain/stock/capacity.ts";
import type { StockSource } from "../../../ingest/domain/stock/state.ts";

/** One request looks at so many facts at most, of one position at so many, and reads so many positions at once. */
export const MOST = {
  facts: 100_000,
  factsOfPosition: 500,
  positionsAtOnce: 100,
  movesOfLocation: 20_000,
  locationsAtOnce: 5,
} as const;

export const SCOPE = `scope AS (
    SELECT NULL::int AS id WHERE $2::int[] IS NULL
    UNION SELECT id FROM (
      WITH RECURSIVE below AS (
        SELECT id FROM locations WHERE id = ANY ($2::int[]) UNION SELECT l.id FROM locations l JOIN below ON l.parent_id = below.id
      ) SELECT id FROM below) b)`;
export const inScope = (location: string): string => `($2::int[] IS NULL OR ${location} IN (SELECT id FROM scope))`;
const SINCE = "now() - make_interval(days => $1)";

/** A position with its facts since the last count before the time in question. */
export interface PositionHistory {
  id: number;
  locationId: number;
  condition: string;
  reorderPoint: number;
  source: StockSource;
  facts: NewFact[];
}

/** Page by page. Of more than `MOST.factsOfPosition` facts, a position has the last ones. */
export async function positionHistories(
  db: Pool | PoolClient,
  days: number,
  locationIds: readonly number[] | null,
  after: number,
): Promise<PositionHistory[]> {
  const { rows } = await db.query<PositionHistory>(
    `WITH ${SCOPE}
    SELECT i.id, i.location_id AS "locationId", i.condition, i.reorder_point AS "reorderPoint", i.source, f.facts
    FROM (SELECT * FROM inventory_items i WHERE i.id > $5 AND ${inScope("i.location_id")} ORDER BY id LIMIT $3) i
    CROSS JOIN LATERAL (SELECT coalesce(max(at), '-infinity') AS first FROM facts WHERE subject = 'stock:' || i.id AND type = 'counted'
      AND data ->> 'source' IN (i.source, 'person') AND at < ${SINCE} AND withdrawn_at IS NULL) s
    CROSS JOIN LATERAL (SELECT coalesce(json_agg(json_build_object('key', key, 'subject', subject, 'at', round(extract(epoch FROM at) * 1000)::float8,
        'type', type, 'data', data, 'rule', rule, 'evidence', '[]'::json, 'confidence', confidence) ORDER BY at), '[]') AS facts
      FROM (SELECT * FROM facts WHERE subject = 'stock:' || i.id AND at >= s.first AND withdrawn_at IS NULL
        AND type IN ('counted', 'adjusted') ORDER BY at DESC LIMIT $4) r) f
    ORDER BY i.id`,
    [days, locationIds && `{${locationIds.join(",")}}`, MOST.positionsAtOnce, MOST.factsOfPosition, after],
  );
  return rows;
}

/** Something that a rule would have reported. */
export interface Occurrence {
  subject: string;
  at: Date;
}

export async function removalsSince(
  db: Pool | PoolClient,
  days: number,
  locationIds: readonly number[] | null,
  atLeast: number,
): Promise<Occurrence[]> {
  const { rows } = await db.query<Occurrence>(
    `WITH ${SCOPE}
    SELECT 'inventory_item:' || i.id AS subject, f.at FROM inventory_items i JOIN facts f ON f.subject = 'removals:' || i.id
    WHERE ${inScope("i.location_id")} AND f.at >= ${SINCE} AND f.withdrawn_at IS NULL AND (f.data ->> 'quantity')::int >= $3
    ORDER BY f.at LIMIT ${MOST.facts}`,
    [days, locationIds && `{${locationIds.join(",")}}`, atLeast],
  );
  return rows;
}

export async function countsSince(
  db: Pool | PoolClient,
  days: number,
  locationIds: readonly number[] | null,
): Promise<Occurrence[]> {
  const { rows } = await db.query<Occurrence>(
    `WITH ${SCOPE}
    SELECT 'inventory_item:' || i.id AS subject, c.opened_at AS at FROM cycle_counts c JOIN inventory_items i ON i.id = c.inventory_item_id
    WHERE ${inScope("i.location_id")} AND c.opened_at >= ${SINCE} AND c.reason NOT IN ('asked', 'scheduled') ORDER BY c.opened_at LIMIT ${MOST.facts}`,
    [days, locationIds && `{${locationIds.join(",")}}`],
  );
  return rows;
}

/** Arrivals and departures of vehicles, in order; of each with the departure that ended it. */
export async function crossingsSince(
  db: Pool | PoolClient,
  days: number,
  locationIds: readonly number[] | null,
): Promise<(Occurrence & { type: "arrived" | "departed" })[]> {
  const { rows } = await db.query<Occurrence & { type: "arrived" | "departed" }>(
    `WITH ${SCOPE}
    SELECT 'vehicle:' || v.id AS subject, f.at, f.type FROM vehicles v JOIN facts f ON f.subject = 'vehicle:' || v.id
    WHERE f.type IN ('arrived', 'departed') AND f.at >= ${SINCE} AND f.withdrawn_at IS NULL AND ${inScope("(f.data ->> 'locationId')::int")}
    ORDER BY f.at, f.id LIMIT ${MOST.facts}`,
    [days, locationIds && `{${locationIds.join(",")}}`],
  );
  return rows;
}

/** Excursions and risks of shipments, in order. @param type of the rule, which is the kind of risk */
export async function shipmentFactsSince(
  db: Pool | PoolClient,
  days: number,
  locationIds: readonly number[] | null,
  type: string,
): Promise<Occurrence[]> {
  const { rows } = await db.query<Occurrence>(
    `WITH ${SCOPE}
    SELECT f.subject, f.at FROM facts f JOIN shipments s ON f.subject = 'shipment:' || s.id
    WHERE (f.type = $3 OR f.type = 'risk' AND f.data ->> 'kind' = $3) AND f.at >= ${SINCE} AND f.withdrawn_at IS NULL
      AND (${inScope("s.location_id")} OR ${inScope("s.origin_id")} OR ${inScope("s.destination_id")})
    ORDER BY f.at, f.id LIMIT ${MOST.facts}`,
    [days, locationIds && `{${locationIds.join(",")}}`, type],
  );
  return rows;
}

/** A location with a capacity: what it and everything below it hold, and how that came about, in order. */
export interface CapacityHistory {
  id: number;
  rooms: Rooms;
  moves: ({ at: number } & Readonly<Record<Measure, number>>)[];
}

/** Page by page. Of more than `MOST.movesOfLocation` movements, a location has the last ones. */
export async function capacityHistories(
  db: Pool | PoolClient,
  days: number,
  locationIds: readonly number[] | null,
  after: number,
): Promise<CapacityHistory[]> {
  const { rows } = await db.query<CapacityHistory>(
    `WITH ${SCOPE}
    SELECT l.id, json_build_object('units', json_build_object('capacity', l.capacity_units, 'used', s.units),
        'litres', json_build_object('capacity', l.capacity_litres, 'used', s.litres),
        'kilograms', json_build_object('capacity', l.capacity_kilograms, 'used', s.kilograms)) AS rooms, h.moves
    FROM (SELECT * FROM locations l WHERE l.id > $5 AND ${inScope("l.id")}
        AND num_nonnulls(capacity_units, capacity_litres, capacity_kilograms) > 0 ORDER BY id LIMIT $3) l
      CROSS JOIN LATERAL stock_within(l.id) s
      CROSS JOIN LATERAL (SELECT coalesce(json_agg(json_build_object('at', round(extract(epoch FROM at) * 1000)::float8, 'units', delta,
          'litres', coalesce(delta * unit_volume_litres, 0), 'kilograms', coalesce(delta * unit_weight_grams / 1000, 0)) ORDER BY at, id), '[]') AS moves
        FROM (WITH RECURSIVE within AS (SELECT l.id UNION SELECT c.id FROM locations c JOIN within w ON c.parent_id = w.id)
          SELECT m.id, m.at, m.delta, t.unit_volume_litres, t.unit_weight_grams
          FROM within w JOIN inventory_items i ON i.location_id = w.id JOIN items t ON t.id = i.item_id
            JOIN facts f ON f.subject = 'stock:' || i.id AND f.at >= ${SINCE} JOIN movements m ON m.id = f.id
          ORDER BY m.at DESC, m.id DESC LIMIT $4) r) h
    ORDER BY l.id`,
    [days, locationIds && `{${locationIds.join(",")}}`, MOST.locationsAtOnce, MOST.movesOfLocation, after],
  );
  return rows;
}

export async function quarantineSince(db: Pool | PoolClient, days: number, perHour: number): Promise<Occurrence[]> {
  const { rows } = await db.query<Occurrence>(
    `SELECT CASE source WHEN '' THEN 'quarantine' ELSE 'device:' || source END AS subject, hour AS at FROM quarantine_hours h
    WHERE hour >= ${SINCE} AND messages >= $2 AND NOT EXISTS (SELECT FROM quarantine_hours b
      WHERE b.source = h.source AND b.hour = h.hour - interval '1 hour' AND b.messages >= $2::float8 / 2)
    ORDER BY hour LIMIT ${MOST.facts}`,
    [days, perHour],
  );
  return rows;
}

/** Shipments that were delivered after they were due, or are overdue, in order. */
export async function brokenPromises(
  db: Pool | PoolClient,
  days: number,
  locationIds: readonly number[] | null,
): Promise<Occurrence[]> {
  const { rows } = await db.query<Occurrence>(
    `WITH ${SCOPE}
    SELECT 'shipment:' || s.id AS subject, s.due_at AS at FROM shipments s
    WHERE s.due_at >= ${SINCE} AND s.due_at < now() AND s.status NOT IN ('returned', 'cancelled')
      AND (s.status <> 'delivered' OR s.stage_since > s.due_at)
      AND (${inScope("s.location_id")} OR ${inScope("s.origin_id")} OR ${inScope("s.destination_id")})
    ORDER BY s.due_at, s.id LIMIT ${MOST.facts}`,
    [days, locationIds && `{${locationIds.join(",")}}`],
  );
  return rows;
}
