import type { Pool, PoolClient } from "pg";
import type { PushSubscription } from "./schema.ts";

/** Of one user: who has more has forgotten some. */
export const MAX_BROWSERS = 20;
const MAX_USER_AGENT = 256;

const SUBSCRIPTION = `SELECT id, substring(endpoint FROM '^[^/]+//([^/?#]+)') AS service,
  encode(sha256(convert_to(endpoint, 'UTF8')), 'hex') AS endpoint_sha256, user_agent, created_at FROM push_subscriptions`;

export async function listPushSubscriptions(
  db: Pool,
  userId: number,
  after: number | undefined,
  limit: number,
): Promise<PushSubscription[]> {
  const { rows } = await db.query<PushSubscription>(
    `${SUBSCRIPTION} WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
    [userId, after ?? 0, limit],
  );
  return rows;
}

export async function findPushSubscription(
  client: PoolClient,
  userId: number,
  id: number,
): Promise<PushSubscription | undefined> {
  const { rows } = await client.query<PushSubscription>(`${SUBSCRIPTION} WHERE id = $1 AND user_id = $2`, [id, userId]);
  return rows[0];
}

/** How many other browsers a user has. The user is locked until the transaction ends: two that are added at once are counted. */
export async function countOtherBrowsers(client: PoolClient, userId: number, endpoint: string): Promise<number> {
  await client.query("SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE", [userId]);
  const { rows } = await client.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM push_subscriptions WHERE user_id = $1 AND endpoint <> $2",
    [userId, endpoint],
  );
  return rows[0]!.count;
}

/** A browser belongs to who has subscribed it last. @returns its id */
export async function putPushSubscription(
  client: PoolClient,
  userId: number,
  { endpoint, p256dh, auth, userAgent }: { endpoint: string; p256dh: Buffer; auth: Buffer; userAgent?: string },
): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO push_subscriptions (user_id, endpoint, p256dh, auth, user_agent) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (endpoint) DO UPDATE SET user_id = $1, p256dh = $3, auth = $4, user_agent = $5,
      created_at = CASE WHEN push_subscriptions.user_id = $1 THEN push_subscriptions.created_at ELSE now() END
    RETURNING id`,
    [userId, endpoint, p256dh, auth, userAgent?.slice(0, MAX_USER_AGENT) ?? null],
  );
  return rows[0]!.id;
}

/** @returns false when the user has no such browser */
export async function deletePushSubscription(client: PoolClient, userId: number, id: number): Promise<boolean> {
  const { rowCount } = await client.query("DELETE FROM push_subscriptions WHERE id = $1 AND user_id = $2", [
    id,
    userId,
  ]);
  return rowCount === 1;
}
