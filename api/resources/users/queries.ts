import type { Pool, PoolClient } from "pg";
import type { Role } from "../../auth/roles.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { User } from "./schema.ts";

const USER = `SELECT id, email, name, role, active, location_ids, owner_ids,
  CASE WHEN NOT active THEN 'inactive' WHEN invited_at IS NOT NULL THEN 'invited' ELSE 'active' END AS state,
  (SELECT max(t.expires_at) FROM setup_tokens t WHERE t.user_id = users.id AND t.purpose = 'invitation' AND t.used_at IS NULL)
    AS invitation_expires_at,
  reset_requested_at,
  EXISTS (SELECT FROM second_factors f WHERE f.user_id = users.id AND f.confirmed_at IS NOT NULL) AS second_factor,
  oidc_issuer IS NOT NULL AS identity_provider, created_at, updated_at, version FROM users`;

export async function findUser(db: Pool | PoolClient, id: number): Promise<Versioned<User> | undefined> {
  const { rows } = await db.query<Versioned<User>>(`${USER} WHERE id = $1`, [id]);
  return rows[0];
}

/** @throws Problem 404 when there is no such user */
export async function getUser(db: Pool | PoolClient, id: number): Promise<Versioned<User>> {
  return found(await findUser(db, id), "user");
}

export async function listUsers(db: Pool, after: number, limit: number): Promise<Versioned<User>[]> {
  const { rows } = await db.query<Versioned<User>>(`${USER} WHERE id > $1 ORDER BY id LIMIT $2`, [after, limit]);
  return rows;
}

export interface UserWithHash {
  id: number;
  role: Role;
  email: string;
  password_hash: string;
  second_factor: boolean;
}

/** Finds an active user by e-mail address, ignoring case. */
export async function findActiveUser(db: Pool, email: string): Promise<UserWithHash | undefined> {
  const { rows } = await db.query<UserWithHash>(
    `SELECT id, role, email, password_hash,
      EXISTS (SELECT FROM second_factors f WHERE f.user_id = users.id AND f.confirmed_at IS NOT NULL) AS second_factor
    FROM users WHERE lower(email) = lower($1) AND active`,
    [email],
  );
  return rows[0];
}

/** @returns undefined when the user has no password */
export async function findPasswordHash(db: Pool, id: number): Promise<string | undefined> {
  const { rows } = await db.query<{ password_hash: string }>("SELECT password_hash FROM users WHERE id = $1", [id]);
  return rows[0]?.password_hash || undefined;
}

/**
 * Notes that an active user asked for a new password.
 * @returns false: there is no such user with a password here, or one who has asked within the hour
 */
export async function markResetRequested(db: Pool, email: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE users SET reset_requested_at = now() WHERE lower(email) = lower($1) AND active AND oidc_issuer IS NULL
      AND coalesce(reset_requested_at < now() - interval '1 hour', true)`,
    [email],
  );
  return rowCount === 1;
}

/**
 * Whether somebody besides this user can administer: active, without limits, and with a way in, which somebody who has only
 * been invited has not. Locks them until the end of the transaction.
 */
export async function hasOtherAdmin(client: PoolClient, id: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT 1 FROM users WHERE role = 'admin' AND active AND invited_at IS NULL AND location_ids IS NULL AND owner_ids IS NULL
      AND id <> $1 FOR UPDATE`,
    [id],
  );
  return (rowCount ?? 0) > 0;
}

/** Whether there is an active administrator. An advisory lock keeps the answer true until the end of the transaction. */
export async function hasAdmin(client: PoolClient): Promise<boolean> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock first administrator'))");
  const { rowCount } = await client.query("SELECT 1 FROM users WHERE role = 'admin' AND active LIMIT 1");
  return (rowCount ?? 0) > 0;
}

/** Notes that a user was invited anew. */
export async function setInvited(client: PoolClient, id: number): Promise<void> {
  await client.query("UPDATE users SET invited_at = now(), updated_at = now(), version = version + 1 WHERE id = $1", [
    id,
  ]);
}

/** Notes that a user who asked for a new password has got a link. */
export async function setResetAnswered(client: PoolClient, id: number): Promise<void> {
  await client.query(
    "UPDATE users SET reset_requested_at = NULL, updated_at = now(), version = version + 1 WHERE id = $1",
    [id],
  );
}
