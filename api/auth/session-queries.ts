import type { Pool, PoolClient } from "pg";
import type { Role } from "./roles.ts";

export interface SessionRow {
  session_id: string;
  user_id: number;
  email: string;
  role: Role;
}

const VALID_SESSION = `SELECT s.id AS session_id, u.id AS user_id, u.email, u.role FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE s.revoked_at IS NULL AND s.expires_at > now() AND u.active`;

/** Finds a session by id. @returns undefined when it is revoked or expired, or its user is not active */
export async function findSession(db: Pool, id: string): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>({
    name: "api_session",
    text: `${VALID_SESSION} AND s.id = $1`,
    values: [id],
  });
  return rows[0];
}

/** Finds a session by the hash of its cookie's token. @returns undefined as `findSession` */
export async function findSessionByToken(db: Pool, tokenSha256: Buffer): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>({
    name: "api_session_by_token",
    text: `${VALID_SESSION} AND s.refresh_sha256 = $1`,
    values: [tokenSha256],
  });
  return rows[0];
}

export async function addSession(
  client: PoolClient,
  session: { userId: number; tokenSha256: Buffer; seconds: number },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO sessions (user_id, refresh_sha256, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3)) RETURNING id`,
    [session.userId, session.tokenSha256, session.seconds],
  );
  return rows[0]!.id;
}

/** Gives a session a new token and a new expiry. @returns false when it was revoked */
export async function renewSession(
  client: PoolClient,
  id: string,
  tokenSha256: Buffer,
  seconds: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `UPDATE sessions SET refresh_sha256 = $2, expires_at = now() + make_interval(secs => $3) WHERE id = $1 AND revoked_at IS NULL`,
    [id, tokenSha256, seconds],
  );
  return rowCount === 1;
}

export async function revokeSession(client: PoolClient, id: string): Promise<void> {
  await client.query("UPDATE sessions SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL", [id]);
}

/** Ends every session of a user. */
export async function revokeSessionsOf(client: PoolClient, userId: number): Promise<void> {
  await client.query("UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL", [userId]);
}
