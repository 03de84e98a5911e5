import type { Reader } from "../../../auth/limits.ts";

/** An entry with its content letter by letter; hashes in hexadecimal digits. */
export interface StoredEntry {
  position: number;
  content: string;
  prevHash: string;
  hash: string;
}

/** Entries after a position, oldest first. */
export async function listCustody(
  db: Reader,
  shipmentId: number,
  after: number,
  limit: number,
): Promise<StoredEntry[]> {
  const { rows } = await db.query<StoredEntry>({
    name: "api_custody",
    text: `SELECT position, content::text AS content, encode(prev_hash, 'hex') AS "prevHash", encode(hash, 'hex') AS hash
      FROM custody_entries WHERE shipment_id = $1 AND position > $2 ORDER BY position LIMIT $3`,
    values: [shipmentId, after, limit],
  });
  return rows;
}

/** Where the log ends by its own account; undefined: it has not begun. */
export async function findCustodyEnd(
  db: Reader,
  shipmentId: number,
): Promise<{ position: number; hash: string } | undefined> {
  const { rows } = await db.query<{ position: number; hash: string }>({
    name: "api_custody_end",
    text: "SELECT position, encode(hash, 'hex') AS hash FROM custody_heads WHERE shipment_id = $1",
    values: [shipmentId],
  });
  return rows[0];
}

export interface HolderNames {
  locations: Record<string, string>;
  vehicles: Record<string, string>;
}

/** What the places and vehicles of a log are called today. */
export async function namesOfHolders(
  db: Reader,
  locationIds: readonly number[],
  vehicleIds: readonly number[],
): Promise<HolderNames> {
  const { rows } = await db.query<HolderNames>({
    name: "api_custody_names",
    text: `SELECT (SELECT coalesce(json_object_agg(id, name ORDER BY id), '{}') FROM locations WHERE id = ANY ($1::int[])) AS locations,
      (SELECT coalesce(json_object_agg(id, name ORDER BY id), '{}') FROM vehicles WHERE id = ANY ($2::int[])) AS vehicles`,
    values: [locationIds, vehicleIds],
  });
  return rows[0]!;
}
