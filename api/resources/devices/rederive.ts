import type { PoolClient } from "pg";

// What stands around a device is learnt at times after its readings came: they are then put to the rules once more, by
// ingest's late worker, which replay would have agreed with.

/**
 * Has what a device has measured from `since` on, as far as this place of it goes, put to the rules once more (ingest's
 * late worker): it measured somewhere else than was thought. Of a tracker also the hour before, which says where it left
 * the vehicle it was on.
 */
export async function rederiveDevice(client: PoolClient, id: string, since: Date): Promise<void> {
  await client.query(
    `WITH stretch AS (
      SELECT $2::timestamptz AS "from",
        least((SELECT min(since) FROM device_mounts WHERE device_id = $1 AND since > $2), s.newest_ts) AS "to"
      FROM device_states s WHERE s.device_id = $1 AND s.newest_ts >= $2
    ), signals AS (
      SELECT kind, '' AS epc, CASE kind WHEN 'gps' THEN interval '1 hour' ELSE interval '0' END AS before
        FROM device_states, json_object_keys(latest) AS kind WHERE device_id = $1 AND kind IN ('gps', 'scale')
      UNION ALL SELECT 'rfid', epc, interval '0' FROM tag_states WHERE device_id = $1 AND newest_ts >= $2
    )
    INSERT INTO late_windows (device_id, kind, epc, from_ts, to_ts) SELECT $1, kind, epc, "from" - before, "to" FROM stretch, signals`,
    [id, since],
  );
}

/**
 * Has all that scales below shelves of an item have measured put to the rules once more, as the item has just become
 * something they can count: it has its first unit weight, or is kept there.
 */
export async function rederiveShelves(client: PoolClient, itemId: number): Promise<void> {
  await client.query(
    `INSERT INTO late_windows (device_id, kind, epc, from_ts, to_ts)
    SELECT m.device_id, 'scale', '', greatest(min(m.since), '1970-01-01'), s.newest_ts FROM device_mounts m JOIN device_states s USING (device_id)
    WHERE m.mount @> jsonb_build_object('item_id', $1::int) AND s.latest -> 'scale' IS NOT NULL AND m.since <= s.newest_ts
    GROUP BY m.device_id, s.newest_ts`,
    [itemId],
  );
}
