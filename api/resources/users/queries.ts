import type { Pool, PoolClient } from "pg";
import type { Role } from "../../auth/roles.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { User } from "./schema.ts";

const USER = "SELECT id, email, name, role, active, created_at, updated_at, version FROM users";

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
  password_hash: string;
}

/** Finds an active user by e-mail address, ignoring case. */
export async function findActiveUser(db: Pool, email: string): Promise<UserWithHash | undefined> {
  const { rows } = await db.query<UserWithHash>(
    "SELECT id, role, password_hash FROM users WHERE lower(email) = lower($1) AND active",
    [email],
  );
  return rows[0];
}

/** Whether there is an active administrator besides this user; locks them until the end of the transaction. */
export async function hasOtherAdmin(client: PoolClient, id: number): Promise<boolean> {
  const { rowCount } = await client.query(
    "SELECT 1 FROM users WHERE role = 'admin' AND active AND id <> $1 FOR UPDATE",
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
