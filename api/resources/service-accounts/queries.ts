import type { Pool, PoolClient } from "pg";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { ServiceAccount } from "./schema.ts";

const ACCOUNT = `SELECT id, name, coalesce(filters -> 'publish', '[]') AS publish, coalesce(filters -> 'subscribe', '[]') AS subscribe,
    active, expires_at, last_used_at, rotated_at, created_at, updated_at, version
  FROM service_accounts`;

/** @throws Problem 404 when there is no such account */
export async function getServiceAccount(db: Pool | PoolClient, id: string): Promise<Versioned<ServiceAccount>> {
  const { rows } = await db.query<Versioned<ServiceAccount>>(`${ACCOUNT} WHERE id = $1`, [id]);
  return found(rows[0], "service account");
}

/** In the order of ids. */
export async function listServiceAccounts(
  db: Pool,
  after: string,
  limit: number,
): Promise<Versioned<ServiceAccount>[]> {
  const { rows } = await db.query<Versioned<ServiceAccount>>(`${ACCOUNT} WHERE id > $1 ORDER BY id LIMIT $2`, [
    after,
    limit,
  ]);
  return rows;
}

interface Filters {
  publish?: string[] | undefined;
  subscribe?: string[] | undefined;
}

export async function addServiceAccount(
  client: PoolClient,
  {
    id,
    name,
    secretSha256,
    expires_at: expiresAt,
    ...filters
  }: Filters & {
    id: string;
    name?: string | null | undefined;
    expires_at?: Date | null | undefined;
    secretSha256: Buffer;
  },
): Promise<void> {
  await client.query(
    "INSERT INTO service_accounts (id, name, secret_sha256, filters, expires_at) VALUES ($1, $2, $3, $4, $5)",
    [id, name ?? null, secretSha256, JSON.stringify(filters), expiresAt ?? null],
  );
}

/** Replaces the lists that are given. */
export async function setFilters(client: PoolClient, id: string, filters: Filters): Promise<void> {
  await client.query("UPDATE service_accounts SET filters = filters || $2 WHERE id = $1", [
    id,
    JSON.stringify(filters),
  ]);
}

/** Makes a secret the newest; the one before it stays valid, an older one ends. */
export async function addAccountSecret(client: PoolClient, id: string, secretSha256: Buffer): Promise<void> {
  await client.query(
    `UPDATE service_accounts SET previous_sha256 = secret_sha256, secret_sha256 = $2, rotated_at = now(), updated_at = now(),
      version = version + 1 WHERE id = $1`,
    [id, secretSha256],
  );
}
