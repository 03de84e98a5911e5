import type { Pool, PoolClient } from "pg";

export interface RegistryVersion {
  version: number;
  /** the changes after this version are recorded; earlier ones may be forgotten */
  completeAfter: number;
}

export async function readRegistryVersion(client: PoolClient): Promise<RegistryVersion> {
  const { rows } = await client.query<RegistryVersion>(
    `SELECT version, complete_after AS "completeAfter" FROM registry_version`,
  );
  return rows[0]!;
}

/** What of the registry was added, changed or deleted. */
export interface RegistryChanges {
  deviceIds: string[];
  locationIds: number[];
  /** `itemId:locationId` */
  stockKeys: string[];
}

/** When more than this has changed, the whole registry is read. */
const MAX_CHANGES = 5_000;

/** Everything that has changed after `version`; undefined when that is too much to be read one by one. */
export async function readRegistryChanges(client: PoolClient, version: number): Promise<RegistryChanges | undefined> {
  const { rows } = await client.query<{ part: "device" | "location" | "stock"; id: string }>(
    "SELECT part, id FROM registry_changes WHERE version > $1 LIMIT $2",
    [version, MAX_CHANGES + 1],
  );
  if (rows.length > MAX_CHANGES) return undefined;
  const idsOf = (wanted: string) => rows.flatMap(({ part, id }) => (part === wanted ? [id] : []));
  return { deviceIds: idsOf("device"), locationIds: idsOf("location").map(Number), stockKeys: idsOf("stock") };
}

/** Every process reads changes within seconds; one that was away for longer reads the whole registry. */
const REMEMBERED = "1 day";

/** Forgets old changes, at most `limit`, and records that they are no longer complete. @returns how many */
export async function forgetRegistryChanges(pool: Pool, limit: number): Promise<number> {
  // registry_version first, as a change does: in the other order the two would wait for each other.
  const { rows } = await pool.query<{ forgotten: number }>(
    `WITH held AS MATERIALIZED (SELECT version FROM registry_version FOR UPDATE),
      forgotten AS (DELETE FROM registry_changes WHERE EXISTS (SELECT FROM held) AND ctid = ANY(ARRAY(
        SELECT ctid FROM registry_changes WHERE changed_at < now() - interval '${REMEMBERED}' LIMIT $1)) RETURNING version),
      moved AS (UPDATE registry_version SET complete_after = greatest(complete_after, (SELECT max(version) FROM forgotten))
        WHERE EXISTS (SELECT FROM forgotten))
    SELECT count(*)::int AS forgotten FROM forgotten`,
    [limit],
  );
  return rows[0]!.forgotten;
}
