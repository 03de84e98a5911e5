import type { Pool, PoolClient } from "pg";
import { STATE_VERSION } from "../encoding/state-version.ts";
import { msOfTime, timeOfMs } from "../sql-time.ts";

/** A signal of a device as its rows name it. */
interface SignalKey {
  deviceId: string;
  kind: string;
  epc: string;
}

interface StoredCheckpoint {
  ts: number;
  seq: number;
  antenna?: number;
  /** null: the rule starts from nothing, because its state was deleted or is of another version */
  state: unknown;
}

/** Behind every reading of its millisecond. */
export const LAST_SEQ = Number.MAX_SAFE_INTEGER;

/**
 * SQL: until when readings of the signal (SQL expressions) may be deleted; NULL: none are. A tag without a closed checkpoint
 * of its own is closed with its reader, whose row has no EPC.
 */
export const closedUntil = (deviceId: string, kind: string, epc: string) =>
  `coalesce((SELECT max(ts) FROM signal_checkpoints WHERE device_id = ${deviceId} AND kind = ${kind} AND epc = ${epc} AND readings_expired),
    (SELECT max(ts) FROM signal_checkpoints WHERE device_id = ${deviceId} AND kind = ${kind} AND epc = '' AND readings_expired))`;

/** The last checkpoint before `from` and those not before `to`, oldest first; times in epoch milliseconds. */
export async function loadCheckpoints(
  client: Pool | PoolClient,
  { deviceId, kind, epc }: SignalKey,
  from: number,
  to: number,
): Promise<{ before: StoredCheckpoint | undefined; later: StoredCheckpoint[] }> {
  const { rows } = await client.query<Omit<StoredCheckpoint, "antenna"> & { antenna: number | null }>({
    name: "load_checkpoints",
    text: `WITH mine AS (SELECT ts, seq, antenna, CASE WHEN state_version = $6 THEN state ELSE 'null' END AS state, readings_expired
        FROM signal_checkpoints WHERE device_id = $1 AND kind = $2 AND epc = $3 AND (state_version = $6 OR readings_expired)),
      of_reader AS (SELECT ts, ${LAST_SEQ}::bigint, NULL::int, 'null'::json, true FROM signal_checkpoints
        WHERE device_id = $1 AND kind = $2 AND epc = '' AND $3 <> '' AND readings_expired
          AND NOT EXISTS (SELECT FROM mine WHERE readings_expired))
      SELECT ${msOfTime("ts")} AS ts, seq, antenna, state FROM (
        (SELECT * FROM (SELECT * FROM mine UNION ALL SELECT * FROM of_reader) AS all_of_it
          WHERE ts < ${timeOfMs("$4")} ORDER BY ts DESC LIMIT 1)
        UNION ALL SELECT * FROM mine WHERE ts >= ${timeOfMs("$5")}) AS found ORDER BY ts`,
    values: [deviceId, kind, epc, from, to, STATE_VERSION],
  });
  const found = rows.map(({ antenna, ...row }) => (antenna === null ? row : { ...row, antenna }));
  const [first] = found;
  return first && first.ts < from ? { before: first, later: found.slice(1) } : { before: undefined, later: found };
}

/** The time of measurement (epoch milliseconds) up to which readings of a signal may be deleted; undefined: none are. */
export async function loadReadingsExpiredUntil(
  client: Pool | PoolClient,
  signal: SignalKey,
): Promise<number | undefined> {
  return (await loadClosedSignals(client, [signal])).get(signalKey(signal));
}

export function signalKey({ deviceId, kind, epc }: SignalKey): string {
  return `${deviceId} ${kind} ${epc}`;
}

/** Of these signals those with readings that may be deleted, by `signalKey`, and up to when (epoch milliseconds). */
export async function loadClosedSignals(
  client: Pool | PoolClient,
  signals: readonly SignalKey[],
): Promise<Map<string, number>> {
  const { rows } = await client.query<SignalKey & { until: number | null }>({
    name: "load_gone_until",
    text: `SELECT t.d AS "deviceId", t.kind, t.epc, ${msOfTime(closedUntil("t.d", "t.kind", "t.epc"))} AS until
      FROM unnest($1::text[], $2::text[], $3::text[]) AS t (d, kind, epc)`,
    values: [signals.map(({ deviceId }) => deviceId), signals.map(({ kind }) => kind), signals.map(({ epc }) => epc)],
  });
  return new Map(rows.flatMap(({ until, ...signal }) => (until === null ? [] : [[signalKey(signal), until]])));
}
