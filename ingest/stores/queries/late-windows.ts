import type { Pool, PoolClient } from "pg";
import type { Position } from "../../../broker/journal/journal.ts";
import type { Signal } from "../../pipeline/signal-kinds.ts";
import { type LateWindow, writeLateWindows } from "../writes/late-windows.ts";
import { runWrites } from "../statement.ts";
import { msOfTime } from "../sql-time.ts";
import { HEARD_NODES } from "./ingest-nodes.ts";

/** All late readings of one signal, to be derived again at once. */
export interface LateSignal {
  signal: Signal;
  ids: number[];
  /** epoch milliseconds */
  from: number;
  to: number;
  /** end of the last frame of the asking node's journal with these readings; undefined when none waits for its series worker */
  through: Position | undefined;
  /** how often deriving it has failed */
  attempts: number;
  /** whether its next attempt may be made now */
  isDue: boolean;
}

const BATCH_SIZE = 100;

/**
 * The signals that have waited longest; first those that may be tried now.
 * @param ownOnly only windows of this journal. With InfluxDB a node knows only what its own series worker has written, so each
 * node derives the windows of its own journal. Those of a node that was not heard of for a day are anybody's: what it has not
 * written by now is not awaited.
 */
export async function loadLateSignals(pool: Pool, journalId: string, ownOnly: boolean): Promise<LateSignal[]> {
  const { rows } = await pool.query<
    Signal & Omit<LateSignal, "signal" | "through"> & { segment: number | null; offset: number | null }
  >({
    name: "load_late_signals",
    text: `SELECT device_id AS "deviceId", kind, epc, array_agg(id) AS ids,
        ${msOfTime("min(from_ts)")} AS "from", ${msOfTime("max(to_ts)")} AS "to",
        max(attempts) AS attempts, coalesce(max(retry_at) <= now(), true) AS "isDue",
        max(segment) FILTER (WHERE journal_id = $1) AS segment,
        (array_agg(byte_offset ORDER BY segment DESC NULLS LAST, byte_offset DESC NULLS LAST) FILTER (WHERE journal_id = $1))[1] AS "offset"
      FROM late_windows WHERE journal_id IS NULL OR journal_id = $1 OR NOT $2
        OR journal_id NOT IN (SELECT journal_id FROM ${HEARD_NODES} AS heard)
      GROUP BY 1, 2, 3 ORDER BY coalesce(max(retry_at) <= now(), true) DESC, min(id) LIMIT $3`,
    values: [journalId, ownOnly, BATCH_SIZE],
  });
  return rows.map(({ deviceId, kind, epc, segment, offset, ...late }) => ({
    ...late,
    signal: { deviceId, kind, epc },
    through: segment === null || offset === null ? undefined : { segment, offset },
  }));
}

/** Records a failed attempt, and when the next one may be made. */
export async function postponeLateWindows(
  pool: Pool,
  ids: readonly number[],
  attempts: number,
  waitMs: number,
): Promise<void> {
  await pool.query(
    "UPDATE late_windows SET attempts = $2, retry_at = now() + make_interval(secs => $3) WHERE id = ANY($1::bigint[])",
    [ids, attempts, waitMs / 1_000],
  );
}

/** Asks the late data worker to derive these windows again from stored readings. Asking twice changes nothing. */
export async function requestRederivation(client: Pool | PoolClient, windows: readonly LateWindow[]): Promise<void> {
  if (windows.length > 0) await runWrites(client, [writeLateWindows(windows, undefined)]);
}

/** How many windows wait to be derived again. */
export async function countLateWindows(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: "count_late_windows",
    text: "SELECT count(*) FROM late_windows",
  });
  return rows[0]!.count;
}
