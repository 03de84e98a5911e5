import type { Pool } from "pg";
import type { Limits } from "../../auth/principal.ts";
import type { PushAddress } from "../channels/push-message.ts";

/** A browser that a message is for. */
export interface PushBrowser extends PushAddress {
  id: number;
  userId: number;
  email: string;
  limits: Limits;
  /** it has accepted this message already */
  isTold: boolean;
}

/** The browsers of the active users with this role or e-mail address. No role looks like an address. */
export async function findPushBrowsers(pool: Pool, target: string, deliveryId: number): Promise<PushBrowser[]> {
  const { rows } = await pool.query<
    Omit<PushBrowser, "p256dh" | "auth" | "limits"> & Limits & { p256dh: Buffer; auth: Buffer }
  >(
    `SELECT s.id, s.endpoint, s.p256dh, s.auth, u.id AS "userId", u.email, u.location_ids AS "locationIds", u.owner_ids AS "ownerIds",
      EXISTS (SELECT FROM push_receipts r WHERE r.delivery_id = $2 AND r.subscription_id = s.id) AS "isTold"
    FROM users u JOIN push_subscriptions s ON s.user_id = u.id
    WHERE u.active AND (u.role = $1 OR lower(u.email) = lower($1)) ORDER BY s.id`,
    [target, deliveryId],
  );
  return rows.map(({ p256dh, auth, locationIds, ownerIds, ...row }) => ({
    ...row,
    p256dh: p256dh.toString("base64url"),
    auth: auth.toString("base64url"),
    limits: { locationIds, ownerIds },
  }));
}

/** Writes down that a browser has accepted a message; nothing if the browser was removed meanwhile. */
export async function recordPushReceipt(pool: Pool, deliveryId: number, browserId: number): Promise<void> {
  await pool.query(
    `INSERT INTO push_receipts (delivery_id, subscription_id)
    SELECT $1, id FROM push_subscriptions WHERE id = $2 FOR KEY SHARE ON CONFLICT DO NOTHING`,
    [deliveryId, browserId],
  );
}

/** Removes a browser that its push service does not know any longer, unless it was subscribed anew meanwhile. */
export async function removeGoneBrowser(pool: Pool, { id, endpoint, auth }: PushBrowser): Promise<void> {
  await pool.query("DELETE FROM push_subscriptions WHERE id = $1 AND endpoint = $2 AND auth = $3", [
    id,
    endpoint,
    Buffer.from(auth, "base64url"),
  ]);
}
