import type { Pool } from "pg";
import { STATE_VERSION } from "../../encoding/state-version.ts";
import { msOfTime, timeOfMs } from "../../sql-time.ts";
import { LAST_SEQ } from "../checkpoints.ts";

/** A tag at a reader, and its last reading that is deleted (epoch milliseconds). */
export interface DepartedTag {
  deviceId: string;
  epc: string;
  last: number;
}

/**
 * Forgets what the rules know of tags that have gone and whose readings are deleted. In place of a closed checkpoint of each,
 * their reader gets one: of every tag without its own, what comes later for that time is stored and changes no fact. Other
 * tags with earlier checkpoints keep these as their own.
 */
export async function forgetTags(pool: Pool, tags: readonly DepartedTag[]): Promise<void> {
  if (tags.length === 0) return;
  await pool.query({
    name: "forget_tags",
    text: `WITH given AS (SELECT d, epc, ${timeOfMs("t")} AS ts FROM unnest($1::text[], $2::text[], $3::float8[]) AS u (d, epc, t)),
        readers AS (SELECT d, max(ts) AS ts FROM given GROUP BY d),
        states AS (DELETE FROM tag_states s USING given g WHERE s.device_id = g.d AND s.epc = g.epc AND s.newest_ts <= g.ts),
        own AS (DELETE FROM signal_checkpoints c USING given g
          WHERE c.device_id = g.d AND c.kind = 'rfid' AND c.epc = g.epc AND c.ts <= g.ts),
        others AS (UPDATE signal_checkpoints c SET readings_expired = true FROM (
            SELECT DISTINCT ON (o.device_id, o.epc) o.device_id, o.epc, o.ts
            FROM readers r JOIN signal_checkpoints o ON o.device_id = r.d AND o.kind = 'rfid' AND o.epc <> '' AND o.ts <= r.ts
            WHERE o.state_version = $4 AND NOT EXISTS (SELECT FROM given g WHERE g.d = o.device_id AND g.epc = o.epc)
              AND NOT EXISTS (SELECT FROM signal_checkpoints e
                WHERE e.device_id = o.device_id AND e.kind = 'rfid' AND e.epc = o.epc AND e.readings_expired)
            ORDER BY o.device_id, o.epc, o.ts DESC) AS newest
          WHERE c.device_id = newest.device_id AND c.kind = 'rfid' AND c.epc = newest.epc AND c.ts = newest.ts),
        earlier AS (DELETE FROM signal_checkpoints c USING readers r
          WHERE c.device_id = r.d AND c.kind = 'rfid' AND c.epc = '' AND c.ts < r.ts)
      INSERT INTO signal_checkpoints (device_id, kind, epc, ts, seq, state, readings_expired)
        SELECT d, 'rfid', '', ts, ${LAST_SEQ}, 'null', true FROM readers r WHERE NOT EXISTS (SELECT FROM signal_checkpoints c
          WHERE c.device_id = r.d AND c.kind = 'rfid' AND c.epc = '' AND c.ts >= r.ts)`,
    values: [
      tags.map(({ deviceId }) => deviceId),
      tags.map(({ epc }) => epc),
      tags.map(({ last }) => last),
      STATE_VERSION,
    ],
  });
}

/**
 * Tags that were still somewhere when the day of their last reading was deleted, and have gone since: their dwell has ended,
 * or their reader is mounted nowhere. At most `limit`.
 */
export async function departedTags(pool: Pool, limit: number): Promise<DepartedTag[]> {
  const { rows } = await pool.query<DepartedTag>({
    name: "departed_tags",
    text: `SELECT c.device_id AS "deviceId", c.epc, ${msOfTime("c.ts")} AS last
      FROM signal_checkpoints c LEFT JOIN tag_states s USING (device_id, epc)
      WHERE c.kind = 'rfid' AND c.epc <> '' AND c.readings_expired
        AND (s.epc IS NULL OR (s.newest_ts <= c.ts
          AND (s.end_reported OR (c.state_version = $2 AND c.state ->> 'dwell' IS NULL))))
        AND NOT EXISTS (SELECT FROM late_windows l WHERE l.device_id = c.device_id AND l.kind = 'rfid' AND l.epc = c.epc)
      LIMIT $1`,
    values: [limit, STATE_VERSION],
  });
  return rows;
}

/** Deletes what the rules know of devices that were removed, once their readings are gone; at most `limit` devices. */
export async function forgetRemovedDevices(pool: Pool, limit: number, rawDays: number): Promise<number> {
  const { rowCount } = await pool.query(
    `WITH gone AS (DELETE FROM device_states s WHERE device_id = ANY(ARRAY(
          SELECT device_id FROM device_states r WHERE NOT EXISTS (SELECT FROM devices d WHERE d.id = r.device_id)
            AND coalesce(last_received_at < now() - make_interval(days => $2), true) LIMIT $1)) RETURNING device_id),
      tags AS (DELETE FROM tag_states t USING gone g WHERE t.device_id = g.device_id),
      checkpoints AS (DELETE FROM signal_checkpoints c USING gone g WHERE c.device_id = g.device_id)
    SELECT FROM gone`,
    [limit, rawDays],
  );
  return rowCount ?? 0;
}
