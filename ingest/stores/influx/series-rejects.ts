import type { Pool } from "pg";
import { type SeriesKind, SIGNAL_KINDS } from "../../domain/reading-kinds.ts";
import type { RejectedReading } from "./series.ts";
import { timeOfMs } from "../sql-time.ts";
import { MAX_BYTES_PER_HOUR, MAX_MESSAGES_PER_HOUR } from "../writes/quarantine.ts";

/** The quarantine reason of readings that the series store rejected. Facts may have been derived from them already. */
export const REJECTED_BY_SERIES_STORE = "refused-by-series-store";

/** A rejected reading as it goes to quarantine. The payload is in the native format, whatever format the device uses. */
export interface SeriesReject {
  /** made of the reading's identity, so that a reading rejected twice is in quarantine once */
  source: string;
  deviceId: string;
  kind: SeriesKind;
  /** epoch milliseconds */
  ts: number;
  seq: number;
  contentHash: number;
  receivedAt: number;
  /** the error text of the server */
  detail: string;
  payload: string;
}

export function seriesReject({ reading, detail }: RejectedReading): SeriesReject {
  const { deviceId, kind, ts, seq, contentHash, receivedAt, content } = reading;
  const source = `series/${deviceId}/${kind}/${ts}/${seq}`;
  return { source, deviceId, kind, ts, seq, contentHash, receivedAt, detail, payload: JSON.stringify(content) };
}

/**
 * Puts readings into quarantine that Postgres counts as stored, as far as the limits of their devices allow, and counts all of
 * them as quarantined instead: received = stored + duplicate + quarantined stays true. Readings that Postgres does not count
 * as stored are skipped: the state worker has quarantined them itself, or they are duplicates.
 */
export async function quarantineRejects(pool: Pool, rejects: readonly SeriesReject[]): Promise<void> {
  const column = <K extends keyof SeriesReject>(name: K) => rejects.map((row) => row[name]);
  await pool.query({
    name: "quarantine_rejects",
    text: `WITH given AS (
        SELECT t.*, i.device_id, i.ts AS measured_at, ${timeOfMs("r")} AS received_at, octet_length(payload) AS bytes
        FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::bigint[], $6::int[], $7::float8[], $8::text[], $9::text[])
          WITH ORDINALITY AS t (source, d, kind, ts, seq, hash, r, detail, payload, n)
        JOIN reading_ids i ON i.device_id = d AND i.ts = ${timeOfMs("t.ts")} AND i.seq = t.seq AND i.kind = t.kind
          AND i.content_hash = hash
        WHERE NOT EXISTS (SELECT FROM quarantine q WHERE q.source = t.source)),
      marked AS (
        INSERT INTO reading_flags AS f (device_id, ts, seq, kind, refused)
        SELECT device_id, measured_at, seq, kind, true FROM given
        ON CONFLICT (device_id, ts, seq, kind) DO UPDATE SET refused = true WHERE NOT f.refused
        RETURNING device_id, ts, seq, kind),
      added AS (SELECT g.*, date_trunc('hour', g.received_at, 'UTC') AS hour FROM given g
        JOIN marked m ON m.device_id = g.device_id AND m.ts = g.measured_at AND m.seq = g.seq AND m.kind = g.kind),
      kept AS (
        INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload)
        SELECT source, device_id, 'devices/' || device_id || '/' || kind, received_at, $10, detail, convert_to(payload, 'UTF8')
        FROM (SELECT a.*, coalesce(h.messages, 0) + count(*) OVER running AS messages_then,
            coalesce(h.bytes, 0) + sum(a.bytes) OVER running AS bytes_then
          FROM added a LEFT JOIN quarantine_hours h ON h.source = a.device_id AND h.hour = a.hour
          WINDOW running AS (PARTITION BY a.device_id, a.hour ORDER BY a.n)) AS ranked
        WHERE messages_then <= ${MAX_MESSAGES_PER_HOUR} AND bytes_then <= ${MAX_BYTES_PER_HOUR}
        RETURNING source),
      counted AS (
        INSERT INTO quarantine_hours AS h (source, hour, messages, bytes, kept)
        SELECT a.device_id, a.hour, count(*), sum(a.bytes), count(k.source)
        FROM added a LEFT JOIN kept k ON k.source = a.source GROUP BY 1, 2
        ON CONFLICT (source, hour) DO UPDATE SET messages = h.messages + excluded.messages,
          bytes = h.bytes + excluded.bytes, kept = h.kept + excluded.kept)
      UPDATE device_states s SET version = version + 1, stored = stored - c.n, quarantined = quarantined + c.n
      FROM (SELECT device_id, count(*) AS n FROM added GROUP BY 1) AS c WHERE s.device_id = c.device_id`,
    values: [
      column("source"),
      column("deviceId"),
      column("kind"),
      column("ts"),
      column("seq"),
      column("contentHash"),
      column("receivedAt"),
      column("detail"),
      column("payload"),
      REJECTED_BY_SERIES_STORE,
    ],
  });
}

/**
 * Removes a reading from quarantine that the series store has accepted now, and requests its signal to be derived again:
 * a derivation in between has not seen it.
 */
export async function releaseReject(
  pool: Pool,
  { kind, ts, seq }: Pick<SeriesReject, "kind" | "ts" | "seq">,
  source: string,
): Promise<void> {
  await pool.query({
    name: "release_reject",
    text: `WITH released AS (DELETE FROM quarantine WHERE source = $1 RETURNING device_id),
      unmarked AS (UPDATE reading_flags f SET refused = false FROM released r
        WHERE f.device_id = r.device_id AND f.ts = ${timeOfMs("$3")} AND f.seq = $5 AND f.kind = $2),
      late AS (INSERT INTO late_windows (device_id, kind, from_ts, to_ts)
        SELECT device_id, $2::text, ${timeOfMs("$3")}, ${timeOfMs("$3")} FROM released
        WHERE $2::text = ANY($4::text[]))
      UPDATE device_states s SET version = version + 1, stored = stored + 1, quarantined = quarantined - 1
      FROM released WHERE s.device_id = released.device_id`,
    values: [source, kind, ts, SIGNAL_KINDS, seq],
  });
}
