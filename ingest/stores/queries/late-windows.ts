import type { Pool, PoolClient } from "pg";
import type { Position } from "../../../broker/journal/journal.ts";
import type { Signal } from "../../pipeline/signal-kinds.ts";
import { type LateWindow, writeLateWindows } from "../writes/late-windows.ts";
import { runWrites } from "../statement.ts";
import { msOfTime } from "../sql-time.ts";

/** All late readings of one signal, to be derived again at once. */
export interface LateSignal {
  signal: Signal;
  ids: number[];
  /** epoch milliseconds */
  from: number;
  to: number;
  /** end of the last journal frame with these readings; undefined when they are in the series store already */
  through: Position | undefined;
}

const BATCH_SIZE = 100;

/**
 * The signals that have waited longest.
 * @param ownOnly only windows of this journal. With InfluxDB a node knows only what its own series worker has written,
 * so each node derives the windows of its own journal.
 */
export async function loadLateSignals(pool: Pool, journalId: string, ownOnly: boolean): Promise<LateSignal[]> {
  const { rows } = await pool.query<
    Signal & { ids: number[]; from: number; to: number; segment: number | null; offset: number | null }
  >({
    name: "load_late_signals",
    text: `SELECT device_id AS "deviceId", kind, epc, array_agg(id) AS ids,
        ${msOfTime("min(from_ts)")} AS "from", ${msOfTime("max(to_ts)")} AS "to",
        max(segment) AS segment,
        (array_agg(byte_offset ORDER BY segment DESC NULLS LAST, byte_offset DESC NULLS LAST))[1] AS "offset"
      FROM late_windows WHERE journal_id IS NULL OR journal_id = $1 OR NOT $2
      GROUP BY 1, 2, 3 ORDER BY min(id) LIMIT $3`,
    values: [journalId, ownOnly, BATCH_SIZE],
  });
  return rows.map(({ deviceId, kind, epc, ids, from, to, segment, offset }) => ({
    signal: { deviceId, kind, epc },
    ids,
    from,
    to,
    through: segment === null || offset === null ? undefined : { segment, offset },
  }));
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
