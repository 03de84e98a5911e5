import type { Write } from "../statement.ts";

/** How long an error report waits for its device. */
const ERROR_REPORT_LIFETIME = "1 day";

/** Reports errors to devices on `devices/{id}/errors`: one message per device and batch, payload in JSON. */
export function reportErrors(reports: readonly { deviceId: string; payload: string }[]): Write {
  return {
    name: "reported",
    sql: `INSERT INTO device_messages (device_id, channel, payload, expires_at)
      SELECT d, 'errors', payload::jsonb, now() + interval '${ERROR_REPORT_LIFETIME}'
      FROM unnest($1::text[], $2::text[]) AS t (d, payload)
      RETURNING device_id`,
    params: [reports.map((report) => report.deviceId), reports.map((report) => report.payload)],
    check: "(SELECT count(pg_notify('device_messages', device_id)) FROM reported)",
  };
}
