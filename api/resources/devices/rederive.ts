import type { PoolClient } from "pg";

// Where a device is mounted, or what an item weighs, may become known after the readings were processed. Rows in
// `late_windows` make ingest's late-data worker derive their facts again, as a replay would.

/**
 * Requests derivation of a device's readings from `since` until its next mount, because they were measured at another
 * place than assumed. For a tracker the hour before is included: it shows where it left its previous vehicle.
 */
export async function rederiveDevice(client: PoolClient, id: string, since: Date): Promise<void> {
  await client.query(
    `WITH measured AS (
      SELECT $2::timestamptz AS "from",
        least((SELECT min(since) FROM device_mounts WHERE device_id = $1 AND since > $2), s.newest_ts) AS "to"
      FROM device_states s WHERE s.device_id = $1 AND s.newest_ts >= $2
    ), signals AS (
      SELECT kind, '' AS epc, CASE kind WHEN 'gps' THEN interval '1 hour' ELSE interval '0' END AS before
        FROM device_states, json_object_keys(latest) AS kind WHERE device_id = $1 AND kind IN ('gps', 'scale', 'vehicle')
      UNION ALL SELECT 'rfid', epc, interval '0' FROM tag_states WHERE device_id = $1 AND newest_ts >= $2
    )
    INSERT INTO late_windows (device_id, kind, epc, from_ts, to_ts) SELECT $1, kind, epc, "from" - before, "to" FROM measured, signals`,
    [id, since],
  );
}

/**
 * Requests derivation of all readings of the scales below shelves of an item. Call it when these scales can count the item
 * from now on: it got its first unit weight, or its first stock position.
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
