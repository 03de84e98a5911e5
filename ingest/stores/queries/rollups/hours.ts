import type { PoolClient } from "pg";
import { STAGES } from "../../../domain/fact.ts";

/*
 * Hours that are due are taken and summed again from what they are made of, in one statement: it sees one state of the database. A
 * change that is committed later has its hour made due again, so no sum can miss it; summing once too often changes nothing. Hours
 * that are older than is kept are left alone: what they were made of may be gone.
 */

const TAKE = (table: string): string =>
  `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} ORDER BY id LIMIT $1)`;
/** The indexes are by place, stage and time: so the time is looked up in each stage. */
const ALL_STAGES = `s.stage IN ('${STAGES.join("', '")}')`;
const IS_KEPT = "hour >= hour_of(now()) - make_interval(days => $2)";

/** Sums the hours of places that are due. @returns how many entries were taken, `limit` at most */
export async function sumPlaceHours(client: PoolClient, limit: number, keptDays: number): Promise<number> {
  const { rows } = await client.query<{ taken: number }>({
    name: "sum_place_hours",
    text: `WITH taken AS (${TAKE("place_hours_due")} RETURNING location_id, hour),
      hours AS MATERIALIZED (SELECT DISTINCT location_id, hour FROM taken WHERE ${IS_KEPT}),
      steps AS (
        SELECT h.location_id, h.hour, s.stage, coalesce(s.owner_id, 0) AS owner_id, s.units, true AS is_in
        FROM hours h JOIN shipment_stays s ON coalesce(s.location_id, 0) = h.location_id AND ${ALL_STAGES}
          AND s.from_at >= h.hour AND s.from_at < h.hour + interval '1 hour'
        UNION ALL
        SELECT h.location_id, h.hour, s.stage, coalesce(s.owner_id, 0), s.units, false
        FROM hours h JOIN shipment_stays s ON coalesce(s.location_id, 0) = h.location_id AND ${ALL_STAGES}
          AND s.to_at >= h.hour AND s.to_at < h.hour + interval '1 hour'
      ), sums AS MATERIALIZED (
        SELECT location_id, hour, stage, owner_id, count(*) FILTER (WHERE is_in) AS shipments_in,
          coalesce(sum(units) FILTER (WHERE is_in), 0) AS units_in, count(*) FILTER (WHERE NOT is_in) AS shipments_out,
          coalesce(sum(units) FILTER (WHERE NOT is_in), 0) AS units_out
        FROM steps GROUP BY location_id, hour, stage, owner_id
      ), written AS (
        INSERT INTO place_hours SELECT * FROM sums ORDER BY location_id, hour, stage, owner_id
        ON CONFLICT (location_id, hour, stage, owner_id) DO UPDATE SET shipments_in = excluded.shipments_in,
          units_in = excluded.units_in, shipments_out = excluded.shipments_out, units_out = excluded.units_out
      ), gone AS (
        DELETE FROM place_hours p USING hours h WHERE p.location_id = h.location_id AND p.hour = h.hour
          AND NOT EXISTS (SELECT FROM sums s WHERE s.location_id = p.location_id AND s.hour = p.hour
            AND s.stage = p.stage AND s.owner_id = p.owner_id)
      ) SELECT count(*)::integer AS taken FROM taken`,
    values: [limit, keptDays],
  });
  return rows[0]!.taken;
}

/**
 * What is no movement of goods: a person's count, the first count of a position, what takes another movement back, and what was there
 * before there were movements (it has no fact).
 */
const IS_CORRECTION = `f.id IS NULL OR f.data ? 'reverses' OR (f.type = 'counted' AND (f.data ->> 'source' = 'person'
  OR NOT EXISTS (SELECT FROM movements b WHERE b.inventory_item_id = m.inventory_item_id AND b.at < m.at)))`;

/** Sums the hours of stock positions that are due. @returns how many entries were taken, `limit` at most */
export async function sumStockHours(client: PoolClient, limit: number, keptDays: number): Promise<number> {
  const { rows } = await client.query<{ taken: number }>({
    name: "sum_stock_hours",
    text: `WITH taken AS (${TAKE("stock_hours_due")} RETURNING inventory_item_id, hour),
      hours AS MATERIALIZED (SELECT DISTINCT inventory_item_id, hour FROM taken WHERE ${IS_KEPT}),
      moves AS (
        SELECT h.inventory_item_id, h.hour, m.delta, extract(epoch FROM m.at - h.hour)::float8 AS seconds,
          (${IS_CORRECTION}) AS is_correction
        FROM hours h JOIN movements m ON m.inventory_item_id = h.inventory_item_id
          AND m.at >= h.hour AND m.at < h.hour + interval '1 hour'
        LEFT JOIN facts f ON f.id = m.id
      ), sums AS MATERIALIZED (
        SELECT inventory_item_id, hour, coalesce(sum(delta) FILTER (WHERE delta > 0 AND NOT is_correction), 0) AS units_in,
          coalesce(-sum(delta) FILTER (WHERE delta < 0 AND NOT is_correction), 0) AS units_out,
          coalesce(sum(delta) FILTER (WHERE is_correction), 0) AS units_corrected, sum(delta) AS net_units, sum(delta * seconds) AS net_unit_seconds
        FROM moves GROUP BY inventory_item_id, hour
      ), written AS (
        INSERT INTO stock_hours SELECT * FROM sums ORDER BY inventory_item_id, hour
        ON CONFLICT (inventory_item_id, hour) DO UPDATE SET units_in = excluded.units_in, units_out = excluded.units_out,
          units_corrected = excluded.units_corrected, net_units = excluded.net_units, net_unit_seconds = excluded.net_unit_seconds
      ), gone AS (
        DELETE FROM stock_hours p USING hours h WHERE p.inventory_item_id = h.inventory_item_id AND p.hour = h.hour
          AND NOT EXISTS (SELECT FROM sums s WHERE s.inventory_item_id = p.inventory_item_id AND s.hour = p.hour)
      ) SELECT count(*)::integer AS taken FROM taken`,
    values: [limit, keptDays],
  });
  return rows[0]!.taken;
}

/** Keeps other nodes out until the transaction ends: two that sum the same hour would wait for each other. @returns whether it is this one's turn */
export async function takeTurn(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ mine: boolean }>(
    "SELECT pg_try_advisory_xact_lock(hashtext('waystock rollups')) AS mine",
  );
  return rows[0]!.mine;
}
