import type { Pool, PoolClient } from "pg";
import type { AlertedLocation } from "../../../domain/alert/location.ts";
import { msOfTime } from "../../sql-time.ts";

const HAS_CAPACITY = "num_nonnulls(capacity_units, capacity_litres, capacity_kilograms) > 0";

export async function loadAlertedLocations(db: Pool | PoolClient, ids: readonly number[]): Promise<AlertedLocation[]> {
  const { rows } = await db.query<AlertedLocation>({
    name: "alerted_locations",
    text: `SELECT l.id, ${msOfTime("s.measured_at")} AS "measuredAt", ${msOfTime("greatest(l.updated_at, s.changed_at)")} AS "changedAt",
        json_build_object('units', json_build_object('capacity', l.capacity_units, 'used', s.units),
          'litres', json_build_object('capacity', l.capacity_litres, 'used', s.litres),
          'kilograms', json_build_object('capacity', l.capacity_kilograms, 'used', s.kilograms)) AS rooms
      FROM locations l CROSS JOIN LATERAL stock_within(l.id) s WHERE l.id = ANY ($1::int[]) AND ${HAS_CAPACITY} ORDER BY l.id`,
    values: [ids],
  });
  return rows;
}

/** Of each location whose stock counts for a capacity: those whose capacity it is, the location itself and what it lies in. */
export async function loadCapacityPlaces(pool: Pool): Promise<Map<number, number[]>> {
  const { rows } = await pool.query<{ id: number; limits: number[] }>({
    name: "capacity_places",
    text: `WITH RECURSIVE within AS (
        SELECT id AS top, id FROM locations WHERE ${HAS_CAPACITY}
        UNION SELECT w.top, l.id FROM locations l JOIN within w ON l.parent_id = w.id
      ) SELECT id, array_agg(top) AS limits FROM within GROUP BY id`,
  });
  return new Map(rows.map(({ id, limits }) => [id, limits]));
}
