import type { PoolClient } from "pg";
import { rederiveDevice } from "./rederive.ts";

/**
 * Mounts a device from `since` on, and has ingest process its readings since then again. Without a time the first mount
 * holds for everything the device has ever measured (a tracker may upload trips of years ago), a later one from now on.
 */
export async function mountDevice(
  client: PoolClient,
  id: string,
  since: Date | undefined,
  mount: object | null,
): Promise<void> {
  const { rows } = await client.query<{ since: Date }>(
    `INSERT INTO device_mounts (device_id, since, mount)
    VALUES ($1, coalesce($2, CASE WHEN EXISTS (SELECT FROM device_mounts WHERE device_id = $1) THEN now() ELSE to_timestamp(0) END), $3)
    ON CONFLICT (device_id, since) DO UPDATE SET mount = excluded.mount RETURNING since`,
    [id, since ?? null, mount],
  );
  await rederiveDevice(client, id, rows[0]!.since);
}

/**
 * Another scale that weighs an item at a location at any time while this device would, if it is mounted there from `since`
 * until its next mounting. Locks the stock position against a mounting at the same time.
 */
export async function findOtherScale(
  client: PoolClient,
  id: string,
  { location_id, item_id }: { location_id: number; item_id: number },
  since: Date | undefined,
): Promise<string | undefined> {
  await client.query("SELECT pg_advisory_xact_lock($1, $2)", [location_id, item_id]);
  const { rows } = await client.query<{ device_id: string }>(
    `WITH period AS (
      SELECT "from", (SELECT min(since) FROM device_mounts WHERE device_id = $1 AND since > "from") AS "to"
      FROM (SELECT coalesce($2, CASE WHEN EXISTS (SELECT FROM device_mounts WHERE device_id = $1) THEN now() ELSE to_timestamp(0) END) AS "from") p
    ), mounted AS (
      SELECT device_id, mount, since AS "from", lead(since) OVER (PARTITION BY device_id ORDER BY since) AS "to" FROM device_mounts
      WHERE device_id IN (SELECT device_id FROM device_mounts WHERE (mount ->> 'location_id')::integer = $3 AND device_id <> $1)
    )
    SELECT m.device_id FROM mounted m JOIN devices d ON d.id = m.device_id, period p
    WHERE m.mount @> jsonb_build_object('location_id', $3::integer, 'item_id', $4::integer) AND d.state <> 'retired'
      AND m."from" < coalesce(p."to", 'infinity') AND p."from" < coalesce(m."to", 'infinity')
    LIMIT 1`,
    [id, since ?? null, location_id, item_id],
  );
  return rows[0]?.device_id;
}
