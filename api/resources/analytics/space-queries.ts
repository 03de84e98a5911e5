import { groupBy } from "../../../ingest/domain/group-by.ts";
import type { Measure } from "../../../ingest/domain/stock/capacity.ts";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";

export type Room = Record<Measure, number>;

export interface Place {
  id: number;
  name: string;
  capacity_units: number | null;
  capacity_litres: number | null;
  capacity_kilograms: number | null;
  units: number;
  litres: number;
  kilograms: number;
  units_without_volume: number;
  units_without_weight: number;
}

/** What changed there after an hour or day had begun and before it ended. */
export interface Change extends Room {
  location_id: number;
  begin: Date;
}

/** Places that are read together. */
export const MOST_PLACES = 20;

export async function readPlaces(db: Reader, locationId: number | undefined, from: number): Promise<Place[]> {
  const conditions = new Conditions()
    .is("num_nonnulls(capacity_units, capacity_litres, capacity_kilograms) > 0", true)
    .where("id = ?", locationId)
    .where("id >= ?", from);
  const { rows } = await db.query<Place>(
    `SELECT l.id, l.name, l.capacity_units, l.capacity_litres, l.capacity_kilograms, s.units, s.litres, s.kilograms,
      s.units_without_volume, s.units_without_weight
    FROM (SELECT * FROM locations ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(MOST_PLACES)}) l
      CROSS JOIN LATERAL stock_within(l.id) s ORDER BY l.id`,
    conditions.values,
  );
  return rows;
}

export async function readChanges(
  db: Reader,
  places: readonly Place[],
  interval: "hour" | "day",
  from: Date,
): Promise<Map<number, Change[]>> {
  const { rows } = await db.query<Change>(
    `SELECT p.id AS location_id, date_trunc('${interval}', h.hour, 'UTC') AS begin, sum(h.net_units)::float8 AS units,
      coalesce(sum(h.net_units * t.unit_volume_litres), 0)::float8 AS litres,
      coalesce(sum(h.net_units * t.unit_weight_grams / 1000), 0)::float8 AS kilograms
    FROM unnest($1::int[]) AS p (id) CROSS JOIN LATERAL (
        WITH RECURSIVE within AS (SELECT p.id UNION SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id) SELECT id FROM within
      ) w JOIN inventory_items i ON i.location_id = w.id JOIN items t ON t.id = i.item_id
      JOIN stock_hours h ON h.inventory_item_id = i.id AND h.hour >= $2
    GROUP BY 1, 2`,
    [places.map((place) => place.id), from],
  );
  return groupBy(rows, (change) => change.location_id);
}
