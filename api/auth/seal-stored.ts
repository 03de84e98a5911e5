import type { Pool } from "pg";
import type { KeptSecret, Sealer } from "./sealing.ts";

/** What a sealed secret is of (sealing.ts). */
export const secondFactorContext = (userId: number | string): string => `second_factor:${userId}`;
export const signingKeyContext = (kid: string): string => `signing_key:${kid}`;
export const PUSH_KEY_CONTEXT = "push_key";
export const labelTokenContext = (linkId: number | string): string => `tracking_link:${linkId}`;
export const erpCredentialsContext = (connectionId: number | string): string => `erp_connection:${connectionId}`;
export const notificationSecretContext = (ruleId: number | string): string => `notification_rule:${ruleId}`;
export const webhookSecretContext = (webhookId: number | string): string => `webhook:${webhookId}`;

export const epcisSubscriptionContext = (id: string): string => `epcis_subscription:${id}`;

/** A column of secrets and the one for them sealed, of rows with this key. */
interface Column {
  table: string;
  key: string;
  plain: string;
  /** SQL: the plain secret as bytes */
  bytes: string;
  contextOf: (key: string) => string;
  /** SQL: plain ones that are sealed; all of them by default */
  sealIf?: string;
}

const COLUMNS: readonly Column[] = [
  { table: "second_factors", key: "user_id", plain: "secret", bytes: "secret", contextOf: secondFactorContext },
  {
    table: "notification_secrets",
    key: "rule_id",
    plain: "secret",
    bytes: "secret",
    contextOf: notificationSecretContext,
  },
  {
    table: "webhook_secrets",
    key: "webhook_id",
    plain: "secret",
    bytes: "secret",
    contextOf: webhookSecretContext,
  },
  {
    table: "erp_connections",
    key: "id",
    plain: "credentials",
    bytes: "credentials",
    contextOf: erpCredentialsContext,
  },
  {
    table: "epcis_subscriptions",
    key: "id",
    plain: "signature_token",
    bytes: "signature_token",
    contextOf: epcisSubscriptionContext,
  },
  { table: "label_tokens", key: "link_id", plain: "token", bytes: "token", contextOf: labelTokenContext },
  {
    table: "push_keys",
    key: "singleton",
    plain: "private_key",
    bytes: "private_key",
    contextOf: () => PUSH_KEY_CONTEXT,
  },
  {
    table: "signing_keys",
    key: "kid",
    plain: "private_jwk",
    bytes: "convert_to(private_jwk::text, 'UTF8')",
    contextOf: signingKeyContext,
    // A plain key beside a sealed one was made by an API process without SECRETS_KEY. Sealed, it would be made again and again.
    sealIf: "NOT EXISTS (SELECT FROM signing_keys WHERE retired_at IS NULL AND sealed_private_jwk IS NOT NULL)",
  },
];

export interface SealingReport {
  /** were plain, or sealed under an earlier key */
  sealed: number;
  /** sealed under a key that this process does not have */
  unreadable: number;
  /** still plain */
  plain: number;
}

/**
 * Seals the stored secrets that are plain, as those of an earlier version are, or sealed under an earlier key. Processes may do it at
 * once: a row that has changed meanwhile is left alone.
 */
export async function sealStoredSecrets(pool: Pool, sealer: Sealer): Promise<SealingReport> {
  const report = { sealed: 0, unreadable: 0, plain: 0 };
  for (const column of COLUMNS) await sealColumn(pool, sealer, column, report);
  return report;
}

async function sealColumn(
  pool: Pool,
  sealer: Sealer,
  { table, key, plain, bytes, contextOf, sealIf = "true" }: Column,
  report: SealingReport,
): Promise<void> {
  const { rows } = await pool.query<KeptSecret & { key: string; is_wanted: boolean }>(
    `SELECT ${key}::text AS key, ${bytes} AS plain, sealed_${plain} AS sealed, sealed_${plain} IS NOT NULL OR ${sealIf} AS is_wanted
     FROM ${table} WHERE num_nonnulls(${plain}, sealed_${plain}) > 0
       AND (sealed_${plain} IS NULL OR substring(sealed_${plain} FROM 2 FOR 8) IS DISTINCT FROM decode($1, 'hex'))`,
    [sealer.keyId],
  );
  for (const row of rows) {
    const secret = sealer.read(row, contextOf(row.key));
    if (secret === undefined) report.unreadable += 1;
    else if (sealer.keyId === undefined || !row.is_wanted) report.plain += 1;
    else {
      await pool.query(
        `UPDATE ${table} SET sealed_${plain} = $2, ${plain} = NULL
         WHERE ${key}::text = $1 AND ${bytes} IS NOT DISTINCT FROM $3 AND sealed_${plain} IS NOT DISTINCT FROM $4`,
        [row.key, sealer.keep(secret, contextOf(row.key)).sealed, row.plain, row.sealed],
      );
      report.sealed += 1;
    }
  }
}
