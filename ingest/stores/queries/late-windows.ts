import type { Pool, PoolClient } from "pg";
import type { Position } from "../../../broker/journal/journal.ts";
import type { Signal } from "../../pipeline/signal-kinds.ts";
import { type LateWindow, writeLateWindows } from "../writes/late.ts";
import { runParts } from "../statement.ts";

/** Everything that came too late of one signal, to be settled at once. */
export interface LateSignal {
  signal: Signal;
  ids: number[];
  /** epoch milliseconds */
  from: number;
  to: number;
  /** the last frame of this journal the readings came in; undefined when they are in the series store already */
  through: Position | undefined;
}

const AT_ONCE = 100;

/**
 * The signals that wait longest. Where InfluxDB holds the series only those of this journal, as only its own series
 * worker is known here; of other nodes' windows these take care themselves.
 */
export async function loadLateSignals(pool: Pool, journalId: string, ownOnly: boolean): Promise<LateSignal[]> {
  const { rows } = await pool.query<
    Signal & { ids: number[]; from: number; to: number; segment: number | null; offset: number | null }
  >({
    name: "load_late_signals",
    text: `SELECT device_id AS "deviceId", kind, epc, array_agg(id) AS ids,
        round(extract(epoch FROM min(from_ts)) * 1000)::float8 AS "from", round(extract(epoch FROM max(to_ts)) * 1000)::float8 AS "to",
        max(segment) AS segment,
        (array_agg(byte_offset ORDER BY segment DESC NULLS LAST, byte_offset DESC NULLS LAST))[1] AS "offset"
      FROM late_windows WHERE journal_id IS NULL OR journal_id = $1 OR NOT $2
      GROUP BY 1, 2, 3 ORDER BY min(id) LIMIT $3`,
    values: [journalId, ownOnly, AT_ONCE],
  });
  return rows.map(({ deviceId, kind, epc, ids, from, to, segment, offset }) => ({
    signal: { deviceId, kind, epc },
    ids,
    from,
    to,
    through: segment === null || offset === null ? undefined : { segment, offset },
  }));
}

/** Has stretches of readings that are stored derived again. To ask twice changes nothing. */
export async function deriveAgain(client: Pool | PoolClient, stretches: readonly LateWindow[]): Promise<void> {
  if (stretches.length > 0) await runParts(client, [writeLateWindows(stretches, undefined)]);
}

/** How many stretches wait. */
export async function countLateWindows(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>({
    name: "count_late_windows",
    text: "SELECT count(*) FROM late_windows",
  });
  return rows[0]!.count;
}
