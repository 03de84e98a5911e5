import type { PoolClient } from "pg";
import { UNEXPLAINED_REMOVAL } from "../../domain/stock/unexplained-removal.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";

/** A change of a stock position: removals about that time have to be judged. */
export interface StockChange {
  stockId: number;
  /** event time of the change, epoch milliseconds */
  happenedAt: number;
}

/** The subject of the timer of a stock change. */
export function stockChangeSubject({ stockId, happenedAt }: StockChange): string {
  return `${stockId} ${happenedAt}`;
}

/** Claims timers that have fired by `now`, and locks their stock positions until the transaction ends. */
export async function claimStockChanges(client: PoolClient, now: number, limit: number): Promise<StockChange[]> {
  const { rows } = await client.query<{ subject: string }>({
    name: "claim_stock_changes",
    text: `SELECT subject FROM timers WHERE rule = $1 AND fires_at <= ${timeOfMs("$2")}
      ORDER BY fires_at LIMIT $3 FOR UPDATE SKIP LOCKED`,
    values: [UNEXPLAINED_REMOVAL, now, limit],
  });
  const due = rows.map(({ subject }) => {
    const [stockId, happenedAt] = subject.split(" ");
    return { stockId: Number(stockId), happenedAt: Number(happenedAt) };
  });
  const stockIds = [...new Set(due.map(({ stockId }) => stockId))].sort((a, b) => a - b);
  for (const stockId of stockIds) {
    await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock removals'), $1)", [stockId]);
  }
  return due;
}

/**
 * The time of measurement up to which each device has sent its readings by `now`: its newest reading, plus the time since
 * that was received. Epoch milliseconds.
 */
export async function loadReceivedWatermarks(
  client: PoolClient,
  deviceIds: readonly string[],
  now: number,
): Promise<Map<string, number>> {
  const { rows } = await client.query<{ id: string; watermark: number }>({
    name: "load_received_watermarks",
    text: `SELECT device_id AS id,
        ${msOfTime("newest_ts")} + greatest(0, $2::float8 - ${msOfTime("last_received_at")}) AS watermark
      FROM device_states WHERE device_id = ANY($1::text[]) AND newest_ts IS NOT NULL`,
    values: [deviceIds, now],
  });
  return new Map(rows.map(({ id, watermark }) => [id, watermark]));
}
