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

/**
 * Of each device and hour of receipt, this many messages and bytes are kept in quarantine; the rest are counted
 * (docs/decisions/20-growth.md). Devices that are not registered share one limit.
 */
export const MAX_MESSAGES_PER_HOUR = 100;
export const MAX_BYTES_PER_HOUR = 1024 * 1024;

/** The given rows that are new, and their hour. $1 to $4: source, whose limit, time of receipt, bytes. */
const NEW_ROWS = `SELECT t.*, hour
  FROM unnest($1::text[], $2::text[], $3::float8[], $4::bigint[]) WITH ORDINALITY AS t (source, of_source, r, bytes, n),
    date_trunc('hour', ${timeOfMs("r")}, 'UTC') AS hour
  WHERE of_source IS NOT NULL AND NOT EXISTS (SELECT FROM quarantine q WHERE q.source = t.source)`;

/**
 * Puts messages and readings into quarantine, as far as the limits of their devices allow. The same source again only
 * updates the reason, and ends its retry.
 * @param limitedAs whose limit a device's messages count against; undefined: nobody's, they have been counted before
 */
export function writeQuarantine(
  rows: readonly QuarantineRow[],
  limitedAs: (deviceId: string) => string | undefined,
): Write[] {
  const identities = [
    rows.map((row) => row.source),
    rows.map(({ deviceId }) => limitedAs(deviceId) ?? null),
    rows.map((row) => row.receivedAt),
    rows.map((row) => row.payload.length),
  ];
  return [
    {
      name: "quarantined",
      sql: `INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload)
        SELECT t.source, d, topic, ${timeOfMs("r")}, reason, detail, payload
        FROM unnest($1::text[], $3::float8[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bytea[])
            AS t (source, r, d, topic, reason, detail, payload)
          LEFT JOIN (SELECT w.source, coalesce(h.messages, 0) + count(*) OVER running AS messages,
                coalesce(h.bytes, 0) + sum(w.bytes) OVER running AS bytes
              FROM (${NEW_ROWS}) AS w LEFT JOIN quarantine_hours h ON h.source = w.of_source AND h.hour = w.hour
              WINDOW running AS (PARTITION BY w.of_source, w.hour ORDER BY w.n)) AS added ON added.source = t.source
        WHERE added.source IS NULL OR (added.messages <= ${MAX_MESSAGES_PER_HOUR} AND added.bytes <= ${MAX_BYTES_PER_HOUR})
        ON CONFLICT (source) DO UPDATE SET reason = excluded.reason, detail = excluded.detail, retry_requested_at = NULL
        RETURNING source`,
      params: [
        ...identities,
        rows.map((row) => row.deviceId),
        rows.map((row) => row.topic),
        rows.map((row) => row.reason),
        rows.map((row) => row.detail),
        rows.map((row) => row.payload),
      ],
    },
    {
      name: "quarantine_counted",
      sql: `INSERT INTO quarantine_hours AS h (source, hour, messages, bytes, kept)
        SELECT of_source, hour, count(*), sum(w.bytes), count(q.source)
        FROM (${NEW_ROWS}) AS w LEFT JOIN quarantined q ON q.source = w.source GROUP BY 1, 2
        ON CONFLICT (source, hour) DO UPDATE SET messages = h.messages + excluded.messages,
          bytes = h.bytes + excluded.bytes, kept = h.kept + excluded.kept`,
      params: identities,
    },
  ];
}

/** Removes rows from quarantine that a retry has accepted. */
export function releaseQuarantine(sources: readonly string[]): Write {
  return { name: "released", sql: "DELETE FROM quarantine WHERE source = ANY($1::text[])", params: [sources] };
}
