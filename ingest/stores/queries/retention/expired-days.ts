import type { Pool, PoolClient } from "pg";
import { READING_KINDS, SIGNAL_KINDS } from "../../../domain/reading-kinds.ts";
import { closedUntil } from "../checkpoints.ts";
import { epcColumn } from "../stored-readings.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";

/** A signal as its rows name it; kind 'scan' for the scans of a scanner. */
interface SignalKey {
  deviceId: string;
  kind: string;
  epc: string;
}

/** A day whose retention has passed. */
export interface ExpiredDay {
  /** `YYYY-MM-DD` */
  day: string;
  /** how many late windows begin on it or before: the late data worker may still need its readings */
  waiting: number;
}

/** Days for which no reading has been received since `cutoff` (epoch milliseconds), oldest first. */
export async function expiredDays(pool: Pool, cutoff: number): Promise<ExpiredDay[]> {
  const { rows } = await pool.query<ExpiredDay>({
    name: "expired_days",
    text: `SELECT day::text,
        (SELECT count(*) FROM late_windows WHERE from_ts < (day + 1)::timestamp AT TIME ZONE 'UTC') AS waiting
      FROM reading_days WHERE last_received_at < ${timeOfMs("$1")} ORDER BY reading_days.day`,
    values: [cutoff],
  });
  return rows;
}

/** A signal with readings on a day, and the time of the last of them (epoch milliseconds). */
export interface SignalOfDay extends SignalKey {
  last: number;
  /** whether there is a checkpoint after that reading */
  hasCheckpoint: boolean;
  /** a tag whose newest reading this is, and whose dwell has ended: nothing needs its state any more */
  isGone: boolean;
}

/**
 * Signals with readings from `from` until before `to` (epoch milliseconds) that have no checkpoint yet from which they can
 * be derived without these readings.
 */
export async function signalsToCheckpoint(pool: Pool, from: number, to: number): Promise<SignalOfDay[]> {
  const measured = (table: string, kind: string, epc: string) =>
    `SELECT device_id, ${kind} AS kind, ${epc} AS epc, max(ts) AS last FROM ${table}
      WHERE ts >= ${timeOfMs("$1")} AND ts < ${timeOfMs("$2")} GROUP BY 1, 2, 3`;
  const inPostgres = ([...SIGNAL_KINDS, "scan"] as const).map((kind) =>
    measured(READING_KINDS[kind].table, `'${kind}'`, epcColumn(kind)),
  );
  const { rows } = await pool.query<SignalOfDay>(
    `WITH measured AS (${inPostgres.join(" UNION ALL ")}
        UNION ALL SELECT * FROM (${measured("reading_ids", "kind", "''")}) AS ids WHERE kind = ANY($3::text[])),
      signals AS (SELECT device_id, kind, epc, max(last) AS last FROM measured GROUP BY 1, 2, 3)
    SELECT s.device_id AS "deviceId", s.kind, s.epc, ${msOfTime("s.last")} AS last,
      EXISTS (SELECT FROM signal_checkpoints c
        WHERE c.device_id = s.device_id AND c.kind = s.kind AND c.epc = s.epc AND c.ts = s.last) AS "hasCheckpoint",
      s.kind = 'rfid' AND NOT EXISTS (SELECT FROM tag_states t
        WHERE t.device_id = s.device_id AND t.epc = s.epc AND (t.newest_ts > s.last OR NOT t.end_reported)) AS "isGone"
    FROM signals s WHERE coalesce(${closedUntil("s.device_id", "s.kind", "s.epc")} < s.last, true)
    ORDER BY 1, 2, 3`,
    [from, to, SIGNAL_KINDS],
  );
  return rows;
}

/** Marks the readings up to these checkpoints as expired, so that they may be deleted, and deletes earlier checkpoints. */
export async function expireReadings(
  client: Pool | PoolClient,
  signals: readonly Pick<SignalOfDay, "deviceId" | "kind" | "epc" | "last">[],
): Promise<void> {
  await client.query({
    name: "close_signals",
    text: `WITH given AS (SELECT d, kind, epc, ${timeOfMs("t")} AS ts
        FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[]) AS u (d, kind, epc, t)),
      earlier AS (DELETE FROM signal_checkpoints c USING given g
        WHERE c.device_id = g.d AND c.kind = g.kind AND c.epc = g.epc AND c.ts < g.ts)
      INSERT INTO signal_checkpoints (device_id, kind, epc, ts, seq, state, readings_expired)
      SELECT d, kind, epc, ts, -1, 'null', true FROM given
      ON CONFLICT (device_id, kind, epc, ts) DO UPDATE SET readings_expired = true`,
    values: [
      signals.map(({ deviceId }) => deviceId),
      signals.map(({ kind }) => kind),
      signals.map(({ epc }) => epc),
      signals.map(({ last }) => last),
    ],
  });
}

/** While this waits for a long query, every writer of readings waits for this: so it gives up soon, and tries again later. */
const LOCK_TIMEOUT = "200ms";

/** Deletes a day's readings from Postgres, unless one has been received since `cutoff`. @returns whether it did */
export async function dropReadingDay(client: PoolClient, day: string, cutoff: number): Promise<boolean> {
  await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  const { rows } = await client.query<{ dropped: boolean }>(
    `SELECT drop_reading_day($1::date, ${timeOfMs("$2")}) AS dropped`,
    [day, cutoff],
  );
  const { dropped } = rows[0]!;
  // Cleanup deletes the dwells an hour later: a batch that has read the time before finds all it needs.
  if (dropped)
    await client.query(
      "UPDATE closed_dwells SET until = greatest(until, ($1::date + 1)::timestamp AT TIME ZONE 'UTC')",
      [day],
    );
  return dropped;
}
