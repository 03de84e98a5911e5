import type { Part } from "../statement.ts";

/** A message or reading that could not be taken as what it claims to be. */
export interface QuarantineRow {
  source: string;
  deviceId: string;
  topic: string;
  receivedAt: number;
  reason: string;
  detail: string;
  payload: Buffer;
}

/** Puts aside, with the reason; a second look at the same source renews the reason and adds nothing. */
export function writeQuarantine(rows: readonly QuarantineRow[]): Part {
  return {
    name: "quarantined",
    sql: `INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload)
      SELECT source, d, topic, to_timestamp(r / 1000), reason, detail, payload
      FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::text[], $7::bytea[])
        AS t (source, d, topic, r, reason, detail, payload)
      ON CONFLICT (source) DO UPDATE SET reason = excluded.reason, detail = excluded.detail`,
    params: [
      rows.map((row) => row.source),
      rows.map((row) => row.deviceId),
      rows.map((row) => row.topic),
      rows.map((row) => row.receivedAt),
      rows.map((row) => row.reason),
      rows.map((row) => row.detail),
      rows.map((row) => row.payload),
    ],
  };
}

/** Takes rows out of quarantine that have been decoded after all. */
export function releaseQuarantine(sources: readonly string[]): Part {
  return { name: "released", sql: "DELETE FROM quarantine WHERE source = ANY($1::text[])", params: [sources] };
}

/** How long a device has to come and hear what was wrong with its messages. */
const ERROR_REPORT_LIFE = "1 day";

/** Tells devices on `devices/{id}/errors`, one message a device and batch. */
export function reportErrors(reports: readonly { deviceId: string; payload: string }[]): Part {
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

export interface RawRow {
  deviceId: string;
  receivedAt: number;
  source: string;
  topic: string;
  payload: Buffer;
}

/** Keeps a vendor's bytes as they came. */
export function writeRaw(rows: readonly RawRow[]): Part {
  return {
    name: "raw",
    sql: `INSERT INTO raw_messages (device_id, ts, source, topic, payload)
      SELECT d, to_timestamp(r / 1000), source, topic, payload
      FROM unnest($1::text[], $2::float8[], $3::text[], $4::text[], $5::bytea[]) AS t (d, r, source, topic, payload)
      ON CONFLICT DO NOTHING`,
    params: [
      rows.map((row) => row.deviceId),
      rows.map((row) => row.receivedAt),
      rows.map((row) => row.source),
      rows.map((row) => row.topic),
      rows.map((row) => row.payload),
    ],
  };
}

/** What changed, for live views and caches: ids by topic, null where there are too many to list. */
export interface ChangeNotice {
  shipments?: number[] | null;
  stock?: number[] | null;
  positions?: number[] | null;
  devices?: string[] | null;
}

/** Postgres refuses a notice of 8,000 bytes or more. */
const MAX_NOTICE_BYTES = 7_900;

/** One notice a batch (NOTIFY takes a lock at commit), keys only. */
export function notify(notice: ChangeNotice): Part {
  let payload = JSON.stringify(notice);
  if (Buffer.byteLength(payload) > MAX_NOTICE_BYTES) {
    payload = JSON.stringify(Object.fromEntries(Object.keys(notice).map((topic) => [topic, null])));
  }
  return { name: "notice", sql: "", params: [payload], check: "pg_notify('changes', $1)" };
}
