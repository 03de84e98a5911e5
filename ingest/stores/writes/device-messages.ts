import type { Write } from "../statement.ts";

/** How long an error report waits for its device. */
const ERROR_REPORT_LIFETIME = "1 day";

/** An error report lists at most this many errors, and counts the rest. */
export const MAX_ERRORS_REPORTED = 20;

/**
 * Reports errors to devices on `devices/{id}/errors`, payload in JSON. A device has one report that waits for it: errors
 * of later batches join it.
 */
export function reportErrors(reports: readonly { deviceId: string; payload: string }[]): Write {
  return {
    name: "reported",
    sql: `INSERT INTO device_messages AS m (device_id, channel, payload, expires_at)
      SELECT d, 'errors', payload::jsonb, now() + interval '${ERROR_REPORT_LIFETIME}'
      FROM unnest($1::text[], $2::text[]) AS t (d, payload)
      ON CONFLICT (device_id) WHERE channel = 'errors' AND delivered_at IS NULL DO UPDATE SET
        payload = CASE WHEN m.expires_at > now()
          THEN merged_error_report(m.payload, excluded.payload, ${MAX_ERRORS_REPORTED}) ELSE excluded.payload END,
        expires_at = excluded.expires_at
      RETURNING device_id`,
    params: [reports.map((report) => report.deviceId), reports.map((report) => report.payload)],
    check: "(SELECT count(pg_notify('device_messages', device_id)) FROM reported)",
  };
}
