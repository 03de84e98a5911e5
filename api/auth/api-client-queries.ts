import type { Pool } from "pg";
import type { Role } from "./roles.ts";

/** The newest secrets of a client that are valid at once. */
export const VALID_SECRETS = 2;

/** An API client that may act now, with what proves that it is the one. */
export interface ApiClientRow {
  id: number;
  client_id: string;
  name: string;
  role: Role;
  location_ids: number[] | null;
  owner_ids: number[] | null;
  token_generation: number;
  /** milliseconds of the monotonic clock when it expires; undefined: never */
  endsAtMs: number | undefined;
  /** not revoked, newest first; their SHA-256 in base64 */
  secrets: Array<{ id: number; sha256: string }>;
}

/** @returns undefined when there is no such client, or it is not active or has expired */
export async function findActiveClient(db: Pool, clientId: string): Promise<ApiClientRow | undefined> {
  const { rows } = await db.query<Omit<ApiClientRow, "endsAtMs"> & { remaining_ms: number | null }>({
    name: "api_client",
    text: `SELECT c.id, c.client_id, c.name, c.role, c.location_ids, c.owner_ids, c.token_generation,
        extract(epoch FROM c.expires_at - now())::float8 * 1000 AS remaining_ms,
        (SELECT coalesce(json_agg(json_build_object('id', s.id, 'sha256', encode(s.secret_sha256, 'base64')) ORDER BY s.id DESC), '[]')
          FROM api_client_secrets s WHERE s.api_client_id = c.id AND s.revoked_at IS NULL) AS secrets
      FROM api_clients c WHERE c.client_id = $1 AND c.active AND (c.expires_at IS NULL OR c.expires_at > now())`,
    values: [clientId],
  });
  if (rows[0] === undefined) return undefined;
  const { remaining_ms, ...row } = rows[0];
  return { ...row, endsAtMs: remaining_ms === null ? undefined : performance.now() + remaining_ms };
}

/** Notes that a client has acted, unless that was noted within the last minute. */
export async function noteUse(db: Pool, id: number): Promise<void> {
  await db.query({
    name: "api_client_used",
    text: `UPDATE api_clients SET last_used_at = now()
      WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute' OR last_used_at > now())`,
    values: [id],
  });
}
