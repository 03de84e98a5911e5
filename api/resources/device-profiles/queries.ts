import type { Pool, PoolClient } from "pg";
import type { Versioned } from "../../http/response.ts";
import type { DeviceProfile } from "./schema.ts";

const PROFILE =
  "SELECT id, name, kind, decoder, quota, used, certificates, active, payload_fields, created_at, updated_at, version FROM device_profiles";

export async function findProfile(
  client: Pool | PoolClient,
  id: number,
): Promise<Versioned<DeviceProfile> | undefined> {
  const { rows } = await client.query<Versioned<DeviceProfile>>(`${PROFILE} WHERE id = $1`, [id]);
  return rows[0];
}

export async function listProfiles(
  db: Pool | PoolClient,
  after: number,
  limit: number,
): Promise<Versioned<DeviceProfile>[]> {
  const { rows } = await db.query<Versioned<DeviceProfile>>(`${PROFILE} WHERE id > $1 ORDER BY id LIMIT $2`, [
    after,
    limit,
  ]);
  return rows;
}
