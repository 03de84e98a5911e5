import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** A message or reading that was refused. */
export interface QuarantineRow {
  source: string;
  deviceId: string;
  topic: string;
  receivedAt: number;
  reason: string;
  detail: string;
  payload: Buffer;
}

/** Puts messages and readings into quarantine. The same source again only updates the reason, and ends its retry. */
export function writeQuarantine(rows: readonly QuarantineRow[]): Write {
  return {
    name: "quarantined",
    sql: `INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload)
      SELECT source, d, topic, ${timeOfMs("r")}, reason, detail, payload
      FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::text[], $6::text[], $7::bytea[])
        AS t (source, d, topic, r, reason, detail, payload)
      ON CONFLICT (source) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, retry_requested_at = NULL`,
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

/** Removes rows from quarantine that a retry has accepted. */
export function releaseQuarantine(sources: readonly string[]): Write {
  return { name: "released", sql: "DELETE FROM quarantine WHERE source = ANY($1::text[])", params: [sources] };
}
