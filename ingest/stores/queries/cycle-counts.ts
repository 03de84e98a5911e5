import type { Pool, PoolClient } from "pg";
import { SENSOR_PROBLEMS } from "../../domain/fact.ts";
import type { SourceCounts, StockSource, StockState, SuspectSensor } from "../../domain/stock/state.ts";
import { MAX_LEVEL } from "../../domain/stock/movement.ts";
import { timeOfMs } from "../sql-time.ts";

/** SQL: whether a fact is a person's count of a whole stock position, however it was entered. */
export const isCount = (fact: string): string => `${fact}.type = 'counted' AND ${fact}.data ->> 'source' = 'person'`;

/** SQL: whether a fact is such a count that nobody has taken back (`reverseMovement`). */
export const standingCount = (fact: string): string => `${isCount(fact)} AND ${fact}.withdrawn_at IS NULL
  AND NOT EXISTS (SELECT FROM facts v WHERE v.key = 'voided:' || ${fact}.id AND v.withdrawn_at IS NULL)`;

/** A stock position whose sources have disagreed for long, without an open cycle count. */
export interface DisagreeingStock {
  id: number;
  governing: StockSource;
  fold: StockState;
}

/**
 * In the order of the index: by id, a generic plan reads all positions where none disagrees.
 * @param until epoch milliseconds: positions that have disagreed since then or longer
 */
export async function disagreeingStock(
  pool: Pool | PoolClient,
  until: number,
  limit: number,
): Promise<DisagreeingStock[]> {
  const { rows } = await pool.query<DisagreeingStock>({
    name: "differing_stock",
    text: `SELECT i.id, i.source AS governing, i.fold FROM inventory_items i
      WHERE i.differs_since_ms <= $1 AND NOT EXISTS (SELECT FROM cycle_counts c WHERE c.inventory_item_id = i.id AND c.state = 'open')
      ORDER BY i.differs_since_ms LIMIT $2`,
    values: [until, limit],
  });
  return rows;
}

export interface NewCycleCount {
  stockId: number;
  suspect: StockSource;
  sourceCounts: SourceCounts;
  /** epoch milliseconds */
  differsSince: number;
}

/** Opens a cycle count for each position that has none open, whatever its reason. */
export async function openCycleCounts(pool: Pool, counts: readonly NewCycleCount[]): Promise<void> {
  await pool.query({
    name: "open_cycle_counts",
    text: `INSERT INTO cycle_counts (inventory_item_id, reason, suspect, source_counts, differs_since)
      SELECT i.id, 'disagreement', suspect, "sourceCounts", ${timeOfMs('"differsSince"')}
      FROM jsonb_to_recordset($1::jsonb) AS t ("stockId" int, suspect text, "sourceCounts" jsonb, "differsSince" float8)
      JOIN inventory_items i ON i.id = t."stockId" AND i.differs_since_ms = t."differsSince"
      ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING`,
    values: [JSON.stringify(counts)],
  });
}

/** A stock position with a sensor that cannot be believed, and that nobody was asked to look at yet. */
export interface SuspectStock {
  id: number;
  suspect: SuspectSensor;
}

export async function suspectStock(pool: Pool, limit: number): Promise<SuspectStock[]> {
  const { rows } = await pool.query<SuspectStock>({
    name: "suspect_stock",
    text: `SELECT i.id, i.fold -> 'suspect' AS suspect FROM inventory_items i
      WHERE i.suspect_since_ms IS NOT NULL AND NOT EXISTS (SELECT FROM cycle_counts c WHERE c.inventory_item_id = i.id
        AND (c.state = 'open' OR (c.reason = i.fold -> 'suspect' ->> 'problem' AND c.differs_since = to_timestamp(i.suspect_since_ms / 1000.0))))
      ORDER BY i.id LIMIT $1`,
    values: [limit],
  });
  return rows;
}

/** Opens a cycle count for each position whose sensor is still suspect: at most one for each problem. */
export async function openSensorReviews(pool: Pool, reviews: readonly SuspectStock[]): Promise<void> {
  await pool.query({
    name: "open_sensor_reviews",
    text: `INSERT INTO cycle_counts (inventory_item_id, reason, suspect, source_counts, differs_since, device_id, detail)
      SELECT i.id, t.suspect ->> 'problem', t.suspect ->> 'source', jsonb_build_object(t.suspect ->> 'source', i.quantity),
        to_timestamp(i.suspect_since_ms / 1000.0), t.suspect ->> 'deviceId', t.suspect ->> 'detail'
      FROM jsonb_to_recordset($1::jsonb) AS t (id int, suspect jsonb)
      JOIN inventory_items i ON i.id = t.id AND i.fold -> 'suspect' = t.suspect
      ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING`,
    values: [JSON.stringify(reviews)],
  });
}

/** More was put there than a level can hold. */
const OVERFLOWS = `i.quantity = ${MAX_LEVEL} AND (i.fold ->> 'quantity')::float8 > ${MAX_LEVEL}`;

/** Opens a cycle count where more was picked than is recorded, or put than can be counted, unless one is open. */
export async function openUnfitCounts(pool: Pool): Promise<void> {
  await pool.query({
    name: "open_unfit_counts",
    text: `INSERT INTO cycle_counts (inventory_item_id, reason, suspect, source_counts, differs_since, detail)
      SELECT id, CASE WHEN quantity < 0 THEN 'overdrawn' ELSE 'overflow' END, 'ledger', jsonb_build_object('ledger', quantity), measured_at,
        CASE WHEN quantity < 0 THEN -quantity || ' more were taken than were known to be here: count what is here'
          ELSE 'more was put here than can be counted: count what is here' END
      FROM inventory_items i WHERE (quantity < 0 OR ${OVERFLOWS})
        AND NOT EXISTS (SELECT FROM cycle_counts c WHERE c.inventory_item_id = i.id AND c.state = 'open')
      ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING`,
  });
}

/** Closes the cycle counts of positions whose sources agree again, whose sensor can be believed again, or whose sum fits again. */
export async function closeResolvedCycleCounts(pool: Pool): Promise<void> {
  await pool.query({
    name: "close_agreed_counts",
    text: `UPDATE cycle_counts c SET state = 'agreed', closed_at = now(), updated_at = now(), version = c.version + 1
      FROM inventory_items i WHERE i.id = c.inventory_item_id AND c.state = 'open'
        AND ((c.reason = 'disagreement' AND i.differs_since_ms IS NULL)
          OR (c.reason = 'overdrawn' AND i.quantity >= 0)
          OR (c.reason = 'overflow' AND NOT (${OVERFLOWS}))
          OR (c.reason = ANY($1::text[]) AND (c.reason IS DISTINCT FROM i.fold -> 'suspect' ->> 'problem'
            OR c.differs_since IS DISTINCT FROM to_timestamp(i.suspect_since_ms / 1000.0))))`,
    values: [SENSOR_PROBLEMS],
  });
}
