import type { Pool, PoolClient } from "pg";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { shortTarget } from "../../integrations/channels/targets.ts";
import type { Webhook } from "./schema.ts";

const WEBHOOK = `SELECT w.id, w.url, w.types, w.location_ids, w.owner_ids, w.ordered, w.description, w.enabled, w.disabled_reason, w.disabled_at,
    w.failing_since, w.last_error, w.created_at, w.updated_at, w.version,
    (SELECT count(*)::int FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'waiting') AS waiting
  FROM webhooks w`;

export async function listWebhooks(
  db: Pool | PoolClient,
  after: number | undefined,
  limit: number,
): Promise<Versioned<Webhook>[]> {
  const { rows } = await db.query<Versioned<Webhook>>(`${WEBHOOK} WHERE w.id > $1 ORDER BY w.id LIMIT $2`, [
    after ?? 0,
    limit,
  ]);
  return rows;
}

/** @throws Problem 404 when there is no such webhook */
export async function getWebhook(db: Pool | PoolClient, id: number): Promise<Versioned<Webhook>> {
  const { rows } = await db.query<Versioned<Webhook>>(`${WEBHOOK} WHERE w.id = $1`, [id]);
  return found(rows[0], "webhook");
}

/** A webhook as it may be written down: who knows the URL may be able to write there. */
export const withShortUrl = <W extends Webhook>(webhook: W): W => ({
  ...webhook,
  url: shortTarget("webhook", webhook.url),
});

/** It was turned on again: what was wrong before counts no longer. */
export async function clearFailures(client: PoolClient, id: number): Promise<void> {
  await client.query(
    `UPDATE webhooks SET disabled_reason = NULL, disabled_at = NULL, failing_since = NULL, last_error = NULL, quiet_until = NULL WHERE id = $1`,
    [id],
  );
}

/** It has another address: what waits is tried there at once. */
export async function retryWaiting(client: PoolClient, id: number): Promise<void> {
  await client.query(
    `UPDATE webhook_deliveries SET due_at = now() WHERE webhook_id = $1 AND state = 'waiting' AND attempts > 0 AND due_at > now()`,
    [id],
  );
}
