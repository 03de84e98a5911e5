import type { Pool, PoolClient } from "pg";

/**
 * What a one-time link does: it creates the first administrator, signs a user in, lets an invited user choose a password,
 * or a user who has forgotten it another one. `recovery` is a reset for an administrator who is locked out.
 */
export type LinkPurpose = "first_admin" | "sign_in" | "invitation" | "reset" | "recovery";

/** Days until a link expires. An invitation may wait for somebody who is on holiday. */
const VALID_DAYS: Readonly<Record<LinkPurpose, number>> = {
  first_admin: 1,
  sign_in: 1,
  invitation: 7,
  reset: 1,
  recovery: 1,
};

/** A one-time token that may be redeemed, and its user. */
export interface SetupToken {
  purpose: LinkPurpose;
  /** null: `first_admin` */
  user_id: number | null;
  email: string | null;
}

const VALID = "token_sha256 = $1 AND used_at IS NULL AND expires_at > now()";

/** @returns undefined when the token is unknown, used or expired */
export async function findSetupToken(pool: Pool, tokenSha256: Buffer): Promise<SetupToken | undefined> {
  const { rows } = await pool.query<SetupToken>(
    `SELECT t.purpose, t.user_id, u.email FROM setup_tokens t LEFT JOIN users u ON u.id = t.user_id WHERE ${VALID}`,
    [tokenSha256],
  );
  return rows[0];
}

/** Stores a one-time token in place of the earlier ones of its user and purpose. @returns when it expires */
export async function addSetupToken(
  client: PoolClient,
  { tokenSha256, purpose, userId }: { tokenSha256: Buffer; purpose: LinkPurpose; userId: number | null },
): Promise<Date> {
  // A demo makes a new link for signing in each time its own is opened, and in several browsers at once.
  if (purpose !== "sign_in") {
    await client.query("DELETE FROM setup_tokens WHERE user_id IS NOT DISTINCT FROM $1 AND purpose = $2", [
      userId,
      purpose,
    ]);
  }
  const { rows } = await client.query<{ expires_at: Date }>(
    `INSERT INTO setup_tokens (token_sha256, user_id, purpose, expires_at) VALUES ($1, $2, $3, now() + make_interval(days => $4))
     RETURNING expires_at`,
    [tokenSha256, userId, purpose, VALID_DAYS[purpose]],
  );
  return rows[0]!.expires_at;
}

/** Marks a one-time token as used. @returns undefined when it is unknown, used or expired */
export async function redeemSetupToken(client: PoolClient, tokenSha256: Buffer): Promise<boolean> {
  const { rowCount } = await client.query(`UPDATE setup_tokens SET used_at = now() WHERE ${VALID}`, [tokenSha256]);
  return rowCount === 1;
}

/** Voids the links that a user has not used: there is another password, or another address. */
export async function voidSetupTokensOf(client: PoolClient, userId: number): Promise<void> {
  await client.query("DELETE FROM setup_tokens WHERE user_id = $1 AND used_at IS NULL", [userId]);
}
