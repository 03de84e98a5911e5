import type { Pool } from "pg";
import { timeOfMs } from "../sql-time.ts";
import { HEARD_NODES } from "./ingest-nodes.ts";

/** What is known of the wall clock, which stamps the receipts. */
export interface ClockHistory {
  /** milliseconds since it was set: nobody has been silent for longer than that, as far as is known */
  sinceStepMs(): number;
  /** stamps that are ahead, up to this one, were made before it was set back; epoch milliseconds */
  setBackFrom(): number;
}

/**
 * Keeps `silent_readers`: readers that count stock and from which nothing was received for a minute (or three of their
 * intervals), or that are offline. That is judged by the time of the node that heard the reader: while it lags behind, what
 * the reader sent may still lie in its journal. A portal only lets goods pass, and is no such reader.
 * @returns the stock positions whose count became stale, or is fresh again
 */
export async function updateSilentReaders(pool: Pool, clock: ClockHistory): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "update_silent_readers",
    text: `WITH silent AS (
        SELECT DISTINCT d.id AS device_id, p.location_id, s.last_received_at AS since
        FROM (SELECT DISTINCT location_id FROM inventory_items WHERE source = 'rfid' AND quantity > 0) p
        JOIN device_mounts h ON (h.mount ->> 'location_id')::integer = p.location_id
        JOIN devices d ON d.id = h.device_id AND d.kind = 'rfid' AND d.state <> 'retired'
        JOIN LATERAL (SELECT mount FROM device_mounts WHERE device_id = d.id AND since <= now() ORDER BY since DESC LIMIT 1) m
          ON (m.mount ->> 'location_id')::integer = p.location_id AND NOT m.mount ? 'item_id'
          AND NOT coalesce(m.mount -> 'antennas' @? '$.* ? (@ == "inside")' AND m.mount -> 'antennas' @? '$.* ? (@ == "outside")', false)
        JOIN device_states s ON s.device_id = d.id
        LEFT JOIN device_connections c ON c.device_id = d.id
        LEFT JOIN ${HEARD_NODES} n ON n.journal_id = s.journal_id
        WHERE ($1::float8 > 1000 * greatest(60, 3 * coalesce(d.interval_s, 0))
            AND (s.last_received_at < least(now(), n.received_until) - greatest(60, 3 * coalesce(d.interval_s, 0)) * interval '1 second'
              OR s.last_received_at > now() AND s.last_received_at <= ${timeOfMs("$2")}))
          OR c.disconnected_at IS NOT NULL
          OR (s.latest -> 'status' ->> 'state' = 'offline' AND s.newest_ts <= to_timestamp((s.latest -> 'status' ->> 'ts')::float8 / 1000))
      ), removed AS (
        DELETE FROM silent_readers r
        WHERE NOT EXISTS (SELECT FROM silent s WHERE s.device_id = r.device_id AND s.location_id = r.location_id) RETURNING location_id
      ), added AS (
        INSERT INTO silent_readers (device_id, location_id, since) SELECT device_id, location_id, since FROM silent ORDER BY device_id
        ON CONFLICT (device_id) DO NOTHING RETURNING location_id
      )
      SELECT id FROM inventory_items WHERE source = 'rfid'
        AND location_id IN (SELECT location_id FROM removed UNION SELECT location_id FROM added)`,
    values: [clock.sinceStepMs(), clock.setBackFrom()],
  });
  return rows.map(({ id }) => id);
}

/** Opens a cycle count where a reader has been silent for `silenceMs`, once for each silence; closes it when it speaks again. */
export async function reviewSilentReaders(pool: Pool, silenceMs: number): Promise<void> {
  await pool.query({
    name: "open_reader_reviews",
    text: `INSERT INTO cycle_counts (inventory_item_id, reason, suspect, source_counts, differs_since, device_id, detail)
      SELECT DISTINCT ON (i.id) i.id, 'reader_silent', 'rfid', jsonb_build_object('rfid', i.quantity), r.since, r.device_id,
        'nothing was heard of the reader: the last count stands. Is it powered, and its antenna connected?'
      FROM silent_readers r JOIN inventory_items i ON i.location_id = r.location_id AND i.source = 'rfid' AND i.quantity > 0
      WHERE r.since <= now() - $1::float8 * interval '1 millisecond' AND NOT EXISTS (SELECT FROM cycle_counts c
        WHERE c.inventory_item_id = i.id AND (c.state = 'open' OR (c.reason = 'reader_silent' AND c.differs_since = r.since)))
      ORDER BY i.id, r.since
      ON CONFLICT (inventory_item_id) WHERE state = 'open' DO NOTHING`,
    values: [silenceMs],
  });
  await pool.query({
    name: "close_reader_reviews",
    text: `UPDATE cycle_counts c SET state = 'agreed', closed_at = now(), updated_at = now(), version = c.version + 1
      WHERE c.state = 'open' AND c.reason = 'reader_silent'
        AND NOT EXISTS (SELECT FROM silent_readers r WHERE r.device_id = c.device_id AND r.since = c.differs_since)`,
  });
}
