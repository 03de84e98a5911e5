import type { Pool } from "pg";

/** Rows that no query needs any longer. Tables that record history (facts, audit, quarantine) are not among them. */
const EXPIRED = {
  // Error reports a day after their delivery or expiry; commands and their results a month after the result or expiry.
  device_messages: `(channel = 'errors' AND coalesce(delivered_at, expires_at) < now() - interval '1 day')
    OR (channel = 'cmd' AND coalesce(acknowledged_at, expires_at) < now() - interval '30 days')`,
  idempotency_keys: "created_at < now() - interval '24 hours'",
  sessions: "least(coalesce(revoked_at, expires_at), expires_at) < now() - interval '7 days'",
  setup_tokens: "created_at < now() - interval '7 days'",
  device_credentials: "revoked_at < now() - interval '30 days'",
} as const;

export type ExpiringTable = keyof typeof EXPIRED;
export const EXPIRING_TABLES = Object.keys(EXPIRED) as ExpiringTable[];

/** Deletes expired rows, at most `limit`. @returns how many */
export async function deleteExpired(pool: Pool, table: ExpiringTable, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${EXPIRED[table]} LIMIT $1))`,
    [limit],
  );
  return rowCount ?? 0;
}

/** Hourly checkpoints are kept this long, then the last of each day: most late readings are hours late, not days. */
const HOURLY_RETENTION = "3 days";

/** Deletes hourly checkpoints past their retention, at most `limit`. @returns how many */
export async function thinCheckpoints(pool: Pool, limit: number): Promise<number> {
  const { rowCount } = await pool.query(
    `DELETE FROM signal_checkpoints WHERE ctid = ANY(ARRAY(
      SELECT c.ctid FROM signal_checkpoints c WHERE NOT readings_expired AND ts < now() - interval '${HOURLY_RETENTION}'
        AND EXISTS (SELECT FROM signal_checkpoints l WHERE l.device_id = c.device_id AND l.kind = c.kind AND l.epc = c.epc
          AND l.ts > c.ts AND l.ts < date_trunc('day', c.ts, 'UTC') + interval '1 day') LIMIT $1))`,
    [limit],
  );
  return rowCount ?? 0;
}
