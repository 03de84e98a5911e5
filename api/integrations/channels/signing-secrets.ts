import { randomBytes } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { KeptSecret, Sealer } from "../../auth/sealing.ts";
import { notificationSecretContext, webhookSecretContext } from "../../auth/seal-stored.ts";
import { secretText, WEBHOOK_SECRET_BYTES } from "./webhook.ts";

/** Two secrets are valid at a time, so that a receiver can switch without a gap. */
const VALID_SECRETS = 2;

/** Where the secrets of something lie that signs. Names go into the SQL as they are. */
export interface SecretsOf {
  table: "notification_secrets" | "webhook_secrets";
  column: "rule_id" | "webhook_id";
  contextOf: (id: number) => string;
}
export const SECRETS_OF_RULES: SecretsOf = {
  table: "notification_secrets",
  column: "rule_id",
  contextOf: notificationSecretContext,
};
export const SECRETS_OF_WEBHOOKS: SecretsOf = {
  table: "webhook_secrets",
  column: "webhook_id",
  contextOf: webhookSecretContext,
};

export interface SigningSecret {
  id: number;
  created_at: Date;
}

/** Makes a secret that signs; the one before it stays valid, older ones end. */
export async function addSigningSecret(
  client: PoolClient,
  sealer: Sealer,
  { table, column, contextOf }: SecretsOf,
  id: number,
): Promise<SigningSecret & { secret: string }> {
  const key = randomBytes(WEBHOOK_SECRET_BYTES);
  const { plain, sealed } = sealer.keep(key, contextOf(id));
  const { rows } = await client.query<SigningSecret>(
    `INSERT INTO ${table} (${column}, secret, sealed_secret) VALUES ($1, $2, $3) RETURNING id, created_at`,
    [id, plain, sealed],
  );
  await client.query(
    `DELETE FROM ${table} WHERE ${column} = $1
      AND id NOT IN (SELECT id FROM ${table} WHERE ${column} = $1 ORDER BY id DESC LIMIT ${VALID_SECRETS})`,
    [id],
  );
  return { ...rows[0]!, secret: secretText(key) };
}

/** The oldest first. */
export async function listSigningSecrets(
  db: Pool | PoolClient,
  { table, column }: SecretsOf,
  id: number,
): Promise<SigningSecret[]> {
  const { rows } = await db.query<SigningSecret>(
    `SELECT id, created_at FROM ${table} WHERE ${column} = $1 ORDER BY id`,
    [id],
  );
  return rows;
}

export async function deleteSigningSecret(client: PoolClient, { table }: SecretsOf, secretId: number): Promise<void> {
  await client.query(`DELETE FROM ${table} WHERE id = $1`, [secretId]);
}

/** The secrets that are valid, the newest first; undefined: not all of them can be read. */
export async function readSigningSecrets(
  pool: Pool,
  sealer: Sealer,
  { table, column, contextOf }: SecretsOf,
  id: number,
): Promise<readonly Buffer[] | undefined> {
  const { rows } = await pool.query<KeptSecret>(
    `SELECT secret AS plain, sealed_secret AS sealed FROM ${table} WHERE ${column} = $1 ORDER BY id DESC`,
    [id],
  );
  const secrets = rows.flatMap((row) => sealer.read(row, contextOf(id)) ?? []);
  return secrets.length === 0 || secrets.length < rows.length ? undefined : secrets;
}

/** What is answered for a message that cannot be signed. */
export const UNREADABLE_SECRET = "the secret that signs it cannot be read: this process has another SECRETS_KEY";
