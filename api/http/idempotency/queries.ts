import type { Pool, PoolClient } from "pg";

export interface StoredResponse {
  request_sha256: Buffer;
  status: number | null;
  /** null: the response held a secret and was not stored */
  response: { body: unknown; headers: Record<string, string> } | null;
  /** with which it was answered; null: not known */
  rights: string | null;
}

export interface IdempotencyKey {
  principal: string;
  key: string;
  requestSha256: Buffer;
  /** role and limits of the principal */
  rights: string;
  isLimited: boolean;
}

const REUSABLE_AFTER = "interval '24 hours'";

/** Whether a request with this key has been answered. */
export async function isAnswered(pool: Pool, { principal, key }: IdempotencyKey): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM idempotency_keys WHERE principal = $1 AND key = $2 AND created_at >= now() - ${REUSABLE_AFTER}`,
    [principal, key],
  );
  return rowCount === 1;
}

/**
 * Claims a key for this transaction. A second request with the same key waits here until the first has committed or
 * failed, so that only one of them can take effect. A key can be used anew after 24 h.
 * @returns the stored response to the first request; undefined when this is the first
 */
export async function claimKey(
  client: PoolClient,
  { principal, key, requestSha256, rights }: IdempotencyKey,
): Promise<StoredResponse | undefined> {
  const claimed = await client.query(
    `INSERT INTO idempotency_keys AS k (principal, key, request_sha256, rights) VALUES ($1, $2, $3, $4)
    ON CONFLICT (principal, key) DO UPDATE SET request_sha256 = excluded.request_sha256, rights = excluded.rights, status = NULL, response = NULL, created_at = now()
      WHERE k.created_at < now() - ${REUSABLE_AFTER}`,
    [principal, key, requestSha256, rights],
  );
  if (claimed.rowCount === 1) return undefined;
  const { rows } = await client.query<StoredResponse>(
    "SELECT request_sha256, status, response, rights FROM idempotency_keys WHERE principal = $1 AND key = $2",
    [principal, key],
  );
  return rows[0];
}

export async function storeResponse(
  client: PoolClient,
  { principal, key }: IdempotencyKey,
  status: number,
  response: StoredResponse["response"],
): Promise<void> {
  await client.query("UPDATE idempotency_keys SET status = $3, response = $4 WHERE principal = $1 AND key = $2", [
    principal,
    key,
    status,
    response === null ? null : JSON.stringify(response),
  ]);
}
