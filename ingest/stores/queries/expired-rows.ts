import type { Pool } from "pg";

/** Rows nobody will ask for again. What tells a history (facts, movements, audit, quarantine) is not among them. */
const SPENT = {
  // A report a device has heard, or will not come for any more; a command with its answer, for a month.
  device_messages: `(channel = 'errors' AND coalesce(delivered_at, expires_at) < now() - interval '1 day')
    OR (channel = 'cmd' AND coalesce(acknowledged_at, expires_at) < now() - interval '30 days')`,
  idempotency_keys: "created_at < now() - interval '24 hours'",
  sessions: "least(coalesce(revoked_at, expires_at), expires_at) < now() - interval '7 days'",
  setup_tokens: "created_at < now() - interval '7 days'",
  device_credentials: "revoked_at < now() - interval '30 days'",
} as const;

export type SpentTable = keyof typeof SPENT;
export const SPENT_TABLES = Object.keys(SPENT) as SpentTable[];

/** Deletes spent rows, at most `limit`. @returns how many */
export async function deleteSpent(pool: Pool, table: SpentTable, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${SPENT[table]} LIMIT $1))`,
    [limit],
  );
  return rowCount ?? 0;
}

/** What rules knew is kept hour by hour for so long, then the last of each day: late readings are mostly young. */
const HOURLY_FOR = "3 days";

/** Deletes checkpoints that are too many, at most `limit`. @returns how many */
export async function thinCheckpoints(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM signal_checkpoints WHERE ctid = ANY(ARRAY(
      SELECT c.ctid FROM signal_checkpoints c WHERE NOT readings_expired AND ts < now() - interval '${HOURLY_FOR}'
        AND EXISTS (SELECT FROM signal_checkpoints l WHERE l.device_id = c.device_id AND l.kind = c.kind AND l.epc = c.epc
          AND l.ts > c.ts AND l.ts < date_trunc('day', c.ts, 'UTC') + interval '1 day') LIMIT $1))`,
    [limit],
  );
  return rowCount ?? 0;
}
