import type { Pool, PoolClient } from "pg";
import type { Stored } from "../../http/response.ts";
import type { User } from "./schema.ts";
import type { Role } from "../../auth/roles.ts";

const USER = "SELECT id, email, name, role, active, created_at, updated_at, version FROM users";

export async function findUser(db: Pool | PoolClient, id: number): Promise<Stored<User> | undefined> {
  const { rows } = await db.query<Stored<User>>(`${USER} WHERE id = $1`, [id]);
  return rows[0];
}

export async function listUsers(db: Pool, after: number, limit: number): Promise<Stored<User>[]> {
  const { rows } = await db.query<Stored<User>>(`${USER} WHERE id > $1 ORDER BY id LIMIT $2`, [after, limit]);
  return rows;
}

export interface UserWithHash {
  id: number;
  role: Role;
  password_hash: string;
}

/** An active user by e-mail address, whatever its case. */
export async function findActiveUser(db: Pool, email: string): Promise<UserWithHash | undefined> {
  const { rows } = await db.query<UserWithHash>(
    "SELECT id, role, password_hash FROM users WHERE lower(email) = lower($1) AND active",
    [email],
  );
  return rows[0];
}

/** Whether somebody could still administer, if it were not for this user. */
export async function hasOtherAdministrator(client: PoolClient, id: number): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM users WHERE role = 'admin' AND active AND id <> $1 FOR UPDATE",
    [id],
  );
  return (rowCount ?? 0) > 0;
}

/** Whether there is any administrator; holds the answer until the end of the transaction. */
export async function hasAdministrator(client: PoolClient): Promise<boolean> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock first administrator'))");
  const { rowCount } = await client.query("SELECT 1 FROM users WHERE role = 'admin' AND active LIMIT 1");
  return (rowCount ?? 0) > 0;
}

/** Keeps a one-time token; without a user it will create the first administrator. */
export async function addSetupToken(client: PoolClient, tokenSha256: Buffer, userId: number | null): Promise<void> {
  if (userId === null) await client.query("DELETE FROM setup_tokens WHERE user_id IS NULL");
  await client.query("INSERT INTO setup_tokens (token_sha256, user_id) VALUES ($1, $2)", [tokenSha256, userId]);
}

/** Uses up a one-time token of the last day. @returns undefined when it is unknown, used or too old */
export async function useSetupToken(
  client: PoolClient,
  tokenSha256: Buffer,
): Promise<{ user_id: number | null } | undefined> {
  const { rows } = await client.query<{ user_id: number | null }>(
    `UPDATE setup_tokens SET used_at = now() WHERE token_sha256 = $1 AND used_at IS NULL AND created_at > now() - interval '1 day'
    RETURNING user_id`,
    [tokenSha256],
  );
  return rows[0];
}
