import type { Pool, PoolClient } from "pg";
import type { Role } from "./roles.ts";

export interface SessionRow {
  session_id: string;
  user_id: number;
  email: string;
  role: Role;
  location_ids: number[] | null;
  owner_ids: number[] | null;
}

/** No session lives longer than this, however often it is renewed. */
const MAX_LIFE = "interval '30 days'";

const VALID_SESSION = `SELECT s.id AS session_id, u.id AS user_id, u.email, u.role, u.location_ids, u.owner_ids
  FROM sessions s JOIN users u ON u.id = s.user_id
  WHERE s.revoked_at IS NULL AND s.expires_at > now() AND s.created_at > now() - ${MAX_LIFE} AND u.active`;

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
export async function findSessionByToken(db: Pool | PoolClient, tokenSha256: Buffer): Promise<SessionRow | undefined> {
  const { rows } = await db.query<SessionRow>({
    name: "api_session_by_token",
    text: `${VALID_SESSION} AND s.refresh_sha256 = $1`,
    values: [tokenSha256],
  });
  return rows[0];
}

/** Where a session is opened or renewed: what a person knows it by. */
export interface SessionOrigin {
  address: string | undefined;
  /** the header `User-Agent` */
  userAgent: string | undefined;
}

/** Clients choose their names, which may be long. */
const MAX_USER_AGENT = 256;

export async function addSession(
  client: PoolClient,
  session: { id: string; userId: number; tokenSha256: Buffer; seconds: number } & SessionOrigin,
): Promise<void> {
  const { id, userId, tokenSha256, seconds, address, userAgent } = session;
  await client.query(
    `INSERT INTO sessions (id, user_id, refresh_sha256, expires_at, address, user_agent)
     VALUES ($1, $2, $3, now() + make_interval(secs => $4), $5, $6)`,
    [id, userId, tokenSha256, seconds, address ?? null, userAgent?.slice(0, MAX_USER_AGENT) ?? null],
  );
}

/**
 * Gives a session a new token in place of `oldSha256`, and a new expiry within its greatest age.
 * @returns seconds until it expires; undefined when that token is no longer its current one, or the session has ended
 */
export async function rotateToken(
  client: PoolClient,
  id: string,
  change: { oldSha256: Buffer; newSha256: Buffer; seconds: number; address: string | undefined },
): Promise<number | undefined> {
  const { rows } = await client.query<{ seconds: number }>(
    `UPDATE sessions SET refresh_sha256 = $3, last_used_at = now(), address = coalesce($5, address),
       expires_at = least(now() + make_interval(secs => $4), created_at + ${MAX_LIFE})
     WHERE id = $1 AND refresh_sha256 = $2 AND revoked_at IS NULL AND expires_at > now() AND created_at > now() - ${MAX_LIFE}
     RETURNING ceil(extract(epoch FROM expires_at - now()))::int AS seconds`,
    [id, change.oldSha256, change.newSha256, change.seconds, change.address ?? null],
  );
  return rows[0]?.seconds;
}

/** A session as its user sees it. */
export interface OwnSession {
  id: string;
  created_at: Date;
  /** signed in or renewed */
  last_used_at: Date;
  expires_at: Date;
  address: string | null;
  user_agent: string | null;
}

/**
 * The sessions of a user that have not ended, newest first, each with its sort key: microseconds, which a Date has not.
 * @param before key and id of the last one on the page before
 */
export async function listSessions(
  db: Pool,
  userId: number,
  { before, limit }: { before: [key: string, id: string] | undefined; limit: number },
): Promise<{ session: OwnSession; key: string }[]> {
  const { rows } = await db.query<OwnSession & { key: string }>(
    `SELECT id, created_at, last_used_at, expires_at, address, user_agent,
      (extract(epoch FROM created_at) * 1000000)::bigint::text AS key
    FROM sessions WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() AND created_at > now() - ${MAX_LIFE}
      AND ($2::bigint IS NULL OR ((extract(epoch FROM created_at) * 1000000)::bigint, id) < ($2, $3::uuid))
    ORDER BY created_at DESC, id DESC LIMIT $4`,
    [userId, before?.[0] ?? null, before?.[1] ?? null, limit],
  );
  return rows.map(({ key, ...session }) => ({ session, key }));
}

/** Ends a session. @returns its user; undefined when it had ended already */
export async function endSession(client: PoolClient, id: string): Promise<number | undefined> {
  const { rows } = await client.query<{ user_id: number }>(
    "UPDATE sessions SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL AND expires_at > now() RETURNING user_id",
    [id],
  );
  return rows[0]?.user_id;
}

/** Ends a session of this user. @returns false when the user has no such session */
export async function endSessionOf(client: PoolClient, userId: number, id: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "UPDATE sessions SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > now()",
    [id, userId],
  );
  return rowCount === 1;
}

/** Ends every session of a user, but the one to keep. */
export async function revokeSessionsOf(client: PoolClient, userId: number, keptId?: string): Promise<void> {
  await client.query(
    "UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL AND id IS DISTINCT FROM $2::uuid",
    [userId, keptId ?? null],
  );
}
