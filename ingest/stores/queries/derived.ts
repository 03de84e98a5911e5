import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../../domain/fact.ts";
import type { FlagRow } from "../writes/readings.ts";
import { STATE_VERSION } from "../encoding/state-version.ts";

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
      SELECT round(extract(epoch FROM ts) * 1000)::float8 AS ts, seq, antenna, state FROM (
        (SELECT * FROM mine WHERE ts < to_timestamp($4::float8 / 1000) ORDER BY ts DESC LIMIT 1)
        UNION ALL SELECT * FROM mine WHERE ts >= to_timestamp($5::float8 / 1000)) AS found ORDER BY ts`,
    values: [deviceId, kind, epc, from, to, STATE_VERSION],
  });
  const found = rows.map(({ antenna, ...row }) => (antenna === null ? row : { ...row, antenna }));
  const [first] = found;
  return first && first.ts < from ? { before: first, later: found.slice(1) } : { before: undefined, later: found };
}

/** Facts of a signal, not withdrawn, concluded after `after` (null: ever) and up to `to` (null: now); epoch milliseconds. */
export async function loadSignalFacts(
  client: Pool | PoolClient,
  deviceId: string,
  signal: string,
  after: number | null,
  to: number | null,
): Promise<NewFact[]> {
  const { rows } = await client.query<NewFact>({
    name: "load_signal_facts",
    text: `SELECT key, subject, round(extract(epoch FROM at) * 1000)::float8 AS at, type, data, rule, evidence, confidence,
        device_id AS "deviceId", signal, round(extract(epoch FROM concluded_at) * 1000)::float8 AS "concludedAt", late
      FROM facts WHERE device_id = $1 AND signal = $2 AND withdrawn_at IS NULL
        AND concluded_at > coalesce(to_timestamp($3::float8 / 1000), '-infinity')
        AND concluded_at <= coalesce(to_timestamp($4::float8 / 1000), 'infinity')`,
    values: [deviceId, signal, after, to],
  });
  return rows;
}

/** Flags of a device's readings of one kind, after `after` and up to `to` in the same way. */
export async function loadFlags(
  client: Pool | PoolClient,
  deviceId: string,
  kind: string,
  after: number | null,
  to: number | null,
): Promise<FlagRow[]> {
  const { rows } = await client.query<FlagRow>({
    name: "load_flags",
    text: `SELECT device_id AS "deviceId", round(extract(epoch FROM ts) * 1000)::float8 AS ts, seq, kind, quality, late
      FROM reading_flags WHERE device_id = $1 AND kind = $2
        AND ts > coalesce(to_timestamp($3::float8 / 1000), '-infinity') AND ts <= coalesce(to_timestamp($4::float8 / 1000), 'infinity')`,
    values: [deviceId, kind, after, to],
  });
  return rows;
}
