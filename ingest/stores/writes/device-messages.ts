import type { Write } from "../statement.ts";

/** How long a device has to come and hear what was wrong with its messages. */
const ERROR_REPORT_LIFE = "1 day";

/** Tells devices on `devices/{id}/errors`, one message a device and batch. */
export function reportErrors(reports: readonly { deviceId: string; payload: string }[]): Write {
  return {
    name: "reported",
    sql: `INSERT INTO device_messages (device_id, channel, payload, expires_at)
      SELECT d, 'errors', payload::jsonb, now() + interval '${ERROR_REPORT_LIFE}'
      FROM unnest($1::text[], $2::text[]) AS t (d, payload)
      RETURNING device_id`,
    params: [reports.map((report) => report.deviceId), reports.map((report) => report.payload)],
    check: "(SELECT count(pg_notify('device_messages', device_id)) FROM reported)",
  };
}
