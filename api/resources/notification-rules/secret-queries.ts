import { randomBytes } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { z } from "@hono/zod-openapi";
import { notificationSecretContext } from "../../auth/seal-stored.ts";
import type { Sealer } from "../../auth/sealing.ts";
import { secretText, WEBHOOK_SECRET_BYTES } from "../../integrations/channels/webhook.ts";
import type { webhookSecret, webhookSecretMade } from "./schema.ts";

/** Valid at once: a receiver is moved from one to the next. */
const VALID_SECRETS = 2;

type WebhookSecret = z.output<typeof webhookSecret>;

/** Makes a secret that signs what the webhook of a rule gets; the one before it stays valid, older ones end. */
export async function addWebhookSecret(
  client: PoolClient,
  sealer: Sealer,
  ruleId: number,
): Promise<z.output<typeof webhookSecretMade>> {
  const key = randomBytes(WEBHOOK_SECRET_BYTES);
  const { plain, sealed } = sealer.keep(key, notificationSecretContext(ruleId));
  const { rows } = await client.query<WebhookSecret>(
    "INSERT INTO notification_secrets (rule_id, secret, sealed_secret) VALUES ($1, $2, $3) RETURNING id, created_at",
    [ruleId, plain, sealed],
  );
  await client.query(
    `DELETE FROM notification_secrets WHERE rule_id = $1
      AND id NOT IN (SELECT id FROM notification_secrets WHERE rule_id = $1 ORDER BY id DESC LIMIT ${VALID_SECRETS})`,
    [ruleId],
  );
  return { ...rows[0]!, secret: secretText(key) };
}

/** The oldest first. */
export async function listWebhookSecrets(db: Pool | PoolClient, ruleId: number): Promise<WebhookSecret[]> {
  const { rows } = await db.query<WebhookSecret>(
    "SELECT id, created_at FROM notification_secrets WHERE rule_id = $1 ORDER BY id",
    [ruleId],
  );
  return rows;
}

export async function deleteWebhookSecret(client: PoolClient, id: number): Promise<void> {
  await client.query("DELETE FROM notification_secrets WHERE id = $1", [id]);
}
