import type { Pool } from "pg";

/** Days that records are kept (docs/decisions/20-growth.md). */
export interface RecordRetention {
  quarantineDays: number;
  auditDays: number;
}

export interface Retention extends RecordRetention {
  /** of raw readings */
  rawDays: number;
  /** of hourly sums */
  rollupDays: number;
}

/** Rows that no query needs any longer, and records past their days. Facts are not among them. */
const EXPIRED = {
  // Error reports at their expiry; commands and their results a month after the result or expiry.
  device_messages: `(channel = 'errors' AND expires_at < now())
    OR (channel = 'cmd' AND coalesce(acknowledged_at, expires_at) < now() - interval '30 days')`,
  idempotency_keys: "created_at < now() - interval '24 hours'",
  sessions: "least(coalesce(revoked_at, expires_at), expires_at) < now() - interval '7 days'",
  setup_tokens: "expires_at < now() - interval '7 days'",
  // No token that it signed is valid for longer than a day.
  signing_keys: "retired_at < now() - interval '30 days'",
  device_credentials: "revoked_at < now() - interval '30 days'",
  api_client_secrets: "revoked_at < now() - interval '30 days'",
  quarantine: "received_at < now() - make_interval(days => $2)",
  quarantine_hours: "hour < now() - make_interval(days => $2)",
  // Nobody had to count. What people have counted stays.
  cycle_counts: "state = 'agreed' AND closed_at < now() - make_interval(days => $2)",
  // Not before what they were about is no news any longer.
  alerts: "state = 'resolved' AND resolved_at < now() - make_interval(days => greatest($2, 31))",
  notification_deliveries: "state <> 'waiting' AND created_at < now() - make_interval(days => greatest($2, 31))",
  // Their events stay.
  epcis_captures: "finished_at < now() - interval '30 days'",
  // As long as the events themselves; of each endpoint the relay keeps the newest.
  webhook_deliveries: "state <> 'waiting' AND created_at < now() - interval '30 days'",
  // What has come true in a year, and what has never been seen to arrive.
  eta_checks: "made_at < now() - interval '365 days' OR (arrived_at IS NULL AND made_at < now() - interval '7 days')",
  // Their errors go with them.
  imports: "alive_at < now() - interval '30 days'",
  place_hours: "hour < hour_of(now()) - make_interval(days => $2)",
  stock_hours: "hour < hour_of(now()) - make_interval(days => $2)",
  report_deliveries: "state <> 'waiting' AND created_at < now() - make_interval(days => greatest($2, 31))",
  epcis_ended_page_tokens: "expires_at < now()",
  fold_versions: "changed_on < (now() - make_interval(days => $2))::date",
} as const;

/** Tables whose rows are kept for a number of days that the operator sets. */
const DAYS_OF: Readonly<Record<string, keyof Retention>> = {
  quarantine: "quarantineDays",
  quarantine_hours: "quarantineDays",
  cycle_counts: "auditDays",
  alerts: "auditDays",
  notification_deliveries: "auditDays",
  place_hours: "rollupDays",
  stock_hours: "rollupDays",
  report_deliveries: "auditDays",
  fold_versions: "rawDays",
};

export type ExpiringTable = keyof typeof EXPIRED;
export const EXPIRING_TABLES = Object.keys(EXPIRED) as ExpiringTable[];

/** Deletes expired rows, at most `limit`. @returns how many */
export async function deleteExpired(
  pool: Pool,
  table: ExpiringTable,
  limit: number,
  retention: Retention,
): Promise<number> {
  const days = DAYS_OF[table];
  const { rowCount } = await pool.query(
    `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${EXPIRED[table]} LIMIT $1))`,
    days === undefined ? [limit] : [limit, retention[days]],
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
