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

/** The last checkpoint before `from` and those not before `to`, oldest first; times in epoch milliseconds. */
export async function loadCheckpoints(
  client: Pool | PoolClient,
  { deviceId, kind, epc }: SignalKey,
  from: number,
  to: number,
): Promise<{ before: StoredCheckpoint | undefined; later: StoredCheckpoint[] }> {
  const { rows } = await client.query<Omit<StoredCheckpoint, "antenna"> & { antenna: number | null }>({
    name: "load_checkpoints",
    text: `WITH mine AS (SELECT ts, seq, antenna, CASE WHEN state_version = $6 THEN state ELSE 'null' END AS state
        FROM signal_checkpoints WHERE device_id = $1 AND kind = $2 AND epc = $3 AND (state_version = $6 OR readings_expired))
      SELECT ${msOfTime("ts")} AS ts, seq, antenna, state FROM (
        (SELECT * FROM mine WHERE ts < ${timeOfMs("$4")} ORDER BY ts DESC LIMIT 1)
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
  { deviceId, kind, epc }: SignalKey,
): Promise<number | undefined> {
  const { rows } = await client.query<{ ts: number | null }>({
    name: "load_gone_until",
    text: `SELECT ${msOfTime("max(ts)")} AS ts FROM signal_checkpoints
      WHERE device_id = $1 AND kind = $2 AND epc = $3 AND readings_expired`,
    values: [deviceId, kind, epc],
  });
  return rows[0]!.ts ?? undefined;
}
