import type { Pool, PoolClient } from "pg";
import type { Fact } from "../../domain/fact.ts";
import type { UnitDwellRow } from "../writes/unit-dwell.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";

/** A tagged unit of an item with its facts and dwells. Times in epoch milliseconds. */
export interface StoredUnit {
  epc: string;
  itemId: number;
  facts: Fact[];
  dwells: UnitDwellRow[];
  /** of the tag's facts */
  version: number;
  /** dwells that ended before may be deleted; null: none are */
  closedUntil: number | null;
}

const DWELL = `json_build_object('epc', s.epc, 'itemId', s.item_id, 'locationId', s.location_id,
  'from', ${msOfTime("s.from_at")}, 'to', ${msOfTime("s.to_at")}, 'arrivalFact', s.arrival_fact, 'departureFact', s.departure_fact)`;

/** The units of these tags with their versions, from one snapshot. Tags of unknown items are left out. */
export async function loadUnits(
  client: Pool | PoolClient,
  tags: readonly { epc: string; gtins: readonly string[] }[],
): Promise<StoredUnit[]> {
  const { rows } = await client.query<StoredUnit>({
    name: "load_units",
    text: `SELECT t.epc, i.id AS "itemId", coalesce(v.version, 0) AS version,
        (SELECT ${msOfTime("until")} FROM closed_dwells) AS "closedUntil",
        (SELECT coalesce(json_agg(${DWELL}), '[]') FROM unit_dwells s WHERE s.epc = t.epc) AS dwells,
        (SELECT coalesce(json_agg(json_build_object('id', f.id, 'key', f.key, 'subject', f.subject, 'at', ${msOfTime("f.at")}, 'type', f.type,
          'data', f.data, 'rule', f.rule, 'evidence', f.evidence, 'confidence', f.confidence, 'deviceId', f.device_id)), '[]')
          FROM facts f WHERE f.subject = 'tag:' || t.epc AND f.withdrawn_at IS NULL) AS facts
      FROM jsonb_to_recordset($1::jsonb) AS t (epc text, gtins text[])
      JOIN LATERAL (SELECT id FROM items WHERE gtin = ANY(t.gtins) ORDER BY id LIMIT 1) i ON true
      LEFT JOIN fold_versions v ON v.subject = 'tag:' || t.epc`,
    values: [JSON.stringify(tags)],
  });
  return rows;
}

/** The other units of a stock position, from a time on: those whose dwells this commit does not change. */
export interface OtherUnits {
  stockId: number;
  itemId: number;
  locationId: number;
  /** of the position's facts */
  version: number;
  /** how many were there just before that time */
  before: number;
  /** facts by which others arrived or departed since */
  moves: { change: 1 | -1; fact: Fact }[];
}

/** The units other than `epcs` at each place from `since` (epoch milliseconds) on. */
export async function loadOtherUnits(
  client: Pool | PoolClient,
  places: readonly { itemId: number; locationId: number; since: number }[],
  epcs: readonly string[],
): Promise<OtherUnits[]> {
  const moves = (
    change: 1 | -1,
    at: string,
    by: string,
  ) => `SELECT ${change} AS change, f.* FROM unit_dwells s JOIN facts f ON f.key = s.${by}
    WHERE s.item_id = i.item_id AND s.location_id = i.location_id AND s.${at} >= t.since AND s.epc <> ALL($2::text[])`;
  const { rows } = await client.query<OtherUnits>({
    name: "load_other_units",
    text: `SELECT i.id AS "stockId", i.item_id AS "itemId", i.location_id AS "locationId", coalesce(v.version, 0) AS version,
        (SELECT count(*)::int FROM unit_dwells s WHERE s.item_id = i.item_id AND s.location_id = i.location_id
          AND s.from_at < t.since AND (s.to_at IS NULL OR s.to_at >= t.since) AND s.epc <> ALL($2::text[])) AS before,
        (SELECT coalesce(json_agg(json_build_object('change', m.change, 'fact', json_build_object('id', m.id, 'key', m.key, 'subject', m.subject,
          'at', ${msOfTime("m.at")}, 'type', m.type, 'data', m.data, 'rule', m.rule, 'evidence', m.evidence, 'confidence', m.confidence,
          'deviceId', m.device_id))), '[]')
          FROM (${moves(1, "from_at", "arrival_fact")} UNION ALL ${moves(-1, "to_at", "departure_fact")}) m) AS moves
      FROM (SELECT item, location, ${timeOfMs("ms")} AS since FROM unnest($1::int[], $3::int[], $4::float8[]) AS p (item, location, ms)) t
      JOIN inventory_items i ON i.item_id = t.item AND i.location_id = t.location AND i.is_main
      LEFT JOIN fold_versions v ON v.subject = 'stock:' || i.id`,
    values: [
      places.map(({ itemId }) => itemId),
      epcs,
      places.map(({ locationId }) => locationId),
      places.map(({ since }) => since),
    ],
  });
  return rows;
}

/** Deletes dwells that ended on days whose readings are deleted, at most `limit`. @returns how many */
export async function deleteEndedDwells(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM unit_dwells WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM unit_dwells WHERE to_at < (SELECT until FROM closed_dwells) LIMIT $1))`,
    [limit],
  );
  return rowCount ?? 0;
}
