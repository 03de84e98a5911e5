import type { PoolClient } from "pg";

/** Stores a one-time token. Without a user it creates the first administrator, and replaces an earlier one of that kind. */
export async function addSetupToken(client: PoolClient, tokenSha256: Buffer, userId: number | null): Promise<void> {
  if (userId === null) await client.query("DELETE FROM setup_tokens WHERE user_id IS NULL");
  await client.query("INSERT INTO setup_tokens (token_sha256, user_id) VALUES ($1, $2)", [tokenSha256, userId]);
}

/** Marks a one-time token as used. @returns undefined when it is unknown, used, or older than a day */
export async function redeemSetupToken(
  client: PoolClient,
  tokenSha256: Buffer,
): Promise<{ user_id: number | null } | undefined> {
  const { rows } = await client.query<{ user_id: number | null }>(
    `UPDATE setup_tokens SET used_at = now() WHERE token_sha256 = $1 AND used_at IS NULL AND created_at > now() - interval '1 day'
    RETURNING user_id`,
    [tokenSha256],
  );
  return rows[0];
}
