import type { PoolClient } from "pg";
import { UNEXPLAINED_REMOVAL } from "../../domain/stock/unexplained-removal.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";
import { type NodeTime, HEARD_NODES } from "./ingest-nodes.ts";

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
  await client.query({
    name: "lock_removals",
    text: "SELECT pg_advisory_xact_lock(hashtext('waystock removals'), id) FROM unnest($1::int[]) AS id",
    values: [stockIds],
  });
  return due;
}

/** The newest reading of a device; epoch milliseconds. */
interface NewestReading {
  ts: number;
  /** when the last one was received */
  receivedAt: number;
  /** the time of the node that heard it: everything it received up to then is committed */
  reached: number;
}

/** The newest readings of these devices, by device id. */
export async function loadNewestReadings(
  client: PoolClient,
  deviceIds: readonly string[],
  { journalId, reached }: NodeTime,
): Promise<Map<string, NewestReading>> {
  const { rows } = await client.query<NewestReading & { id: string }>({
    name: "load_newest_readings",
    text: `SELECT s.device_id AS id, ${msOfTime("s.newest_ts")} AS ts, ${msOfTime("s.last_received_at")} AS "receivedAt",
        coalesce(${msOfTime("n.received_until")}, $2::float8) AS reached
      FROM device_states s LEFT JOIN ${HEARD_NODES} n ON n.journal_id = s.journal_id AND n.journal_id <> $3
      WHERE s.device_id = ANY($1::text[]) AND s.newest_ts IS NOT NULL`,
    values: [deviceIds, reached, journalId],
  });
  return new Map(rows.map(({ id, ...newest }) => [id, newest]));
}
