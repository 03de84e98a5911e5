import type { Pool, PoolClient } from "pg";
import { VALID_SECRETS } from "../../auth/api-client-queries.ts";
import { newSecret, sha256 } from "../../auth/secrets.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { ApiClient } from "./schema.ts";

const API_CLIENT = `SELECT c.id, c.client_id, c.name, c.role, c.location_ids, c.owner_ids, c.active, c.expires_at, c.last_used_at,
    c.created_at, c.updated_at, c.version,
    coalesce((SELECT array_agg(s.prefix ORDER BY s.id DESC) FROM api_client_secrets s WHERE s.api_client_id = c.id AND s.revoked_at IS NULL), '{}') AS prefixes,
    coalesce((SELECT array_agg(s.created_at ORDER BY s.id DESC) FROM api_client_secrets s WHERE s.api_client_id = c.id AND s.revoked_at IS NULL), '{}') AS created
  FROM api_clients c`;

type Row = Versioned<Omit<ApiClient, "secrets">> & { prefixes: string[]; created: Date[] };

function viewOf({ prefixes, created, ...row }: Row): Versioned<ApiClient> {
  return { ...row, secrets: prefixes.map((prefix, at) => ({ prefix, created_at: created[at]! })) };
}

/** @throws Problem 404 when there is no such client */
export async function getApiClient(db: Pool | PoolClient, id: number): Promise<Versioned<ApiClient>> {
  const { rows } = await db.query<Row>(`${API_CLIENT} WHERE c.id = $1`, [id]);
  return viewOf(found(rows[0], "API client"));
}

export async function listApiClients(db: Pool, after: number, limit: number): Promise<Versioned<ApiClient>[]> {
  const { rows } = await db.query<Row>(`${API_CLIENT} WHERE c.id > $1 ORDER BY c.id LIMIT $2`, [after, limit]);
  return rows.map(viewOf);
}

const PREFIX_LENGTH = 6;

/** Adds a secret; the one before it stays valid, older ones are revoked. @returns the secret, which is stored nowhere */
export async function addSecret(client: PoolClient, id: number): Promise<string> {
  const secret = newSecret();
  await client.query("INSERT INTO api_client_secrets (api_client_id, prefix, secret_sha256) VALUES ($1, $2, $3)", [
    id,
    secret.slice(0, PREFIX_LENGTH),
    sha256(secret),
  ]);
  await client.query(
    `UPDATE api_client_secrets SET revoked_at = now() WHERE api_client_id = $1 AND revoked_at IS NULL AND id NOT IN
       (SELECT id FROM api_client_secrets WHERE api_client_id = $1 ORDER BY id DESC LIMIT ${VALID_SECRETS})`,
    [id],
  );
  return secret;
}
