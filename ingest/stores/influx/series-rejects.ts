import type { Pool } from "pg";
import { type SeriesKind, SIGNAL_KINDS } from "../../domain/reading-kinds.ts";
import type { RejectedReading } from "./series.ts";
import { timeOfMs } from "../sql-time.ts";

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
 * Puts readings into quarantine that Postgres counts as stored, and counts them as quarantined instead: received = stored
 * + duplicate + quarantined stays true. Readings that Postgres does not count as stored are skipped: the state worker has
 * quarantined them itself, or they are duplicates.
 */
export async function quarantineRejects(pool: Pool, rejects: readonly SeriesReject[]): Promise<void> {
  const column = <K extends keyof SeriesReject>(name: K) => rejects.map((row) => row[name]);
  await pool.query({
    name: "quarantine_rejects",
    text: `WITH quarantined AS (
        INSERT INTO quarantine (source, device_id, topic, received_at, reason, detail, payload)
        SELECT source, d, 'devices/' || d || '/' || t.kind, ${timeOfMs("r")}, $10, detail, convert_to(payload, 'UTF8')
        FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[], $5::bigint[], $6::int[], $7::float8[], $8::text[], $9::text[])
          AS t (source, d, kind, ts, seq, hash, r, detail, payload)
        JOIN reading_ids i ON i.device_id = d AND i.ts = ${timeOfMs("t.ts")} AND i.seq = t.seq AND i.kind = t.kind
          AND i.content_hash = hash
        ON CONFLICT (source) DO NOTHING
        RETURNING device_id)
      UPDATE device_states s SET version = version + 1, stored = stored - n, quarantined = quarantined + n
      FROM (SELECT device_id, count(*) AS n FROM quarantined GROUP BY 1) AS c WHERE s.device_id = c.device_id`,
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
  { kind, ts }: Pick<SeriesReject, "kind" | "ts">,
  source: string,
): Promise<void> {
  await pool.query({
    name: "release_reject",
    text: `WITH released AS (DELETE FROM quarantine WHERE source = $1 RETURNING device_id),
      late AS (INSERT INTO late_windows (device_id, kind, from_ts, to_ts)
        SELECT device_id, $2::text, ${timeOfMs("$3")}, ${timeOfMs("$3")} FROM released
        WHERE $2::text = ANY($4::text[]))
      UPDATE device_states s SET version = version + 1, stored = stored + 1, quarantined = quarantined - 1
      FROM released WHERE s.device_id = released.device_id`,
    values: [source, kind, ts, SIGNAL_KINDS],
  });
}
