import type { JWK } from "jose";
import type { Pool } from "pg";

export interface SigningKeyRow {
  kid: string;
  public_jwk: JWK;
  private_jwk: JWK;
}

/** Lists the keys in force; the first one signs. */
export async function listSigningKeys(pool: Pool): Promise<SigningKeyRow[]> {
  const { rows } = await pool.query<SigningKeyRow>(
    "SELECT kid, public_jwk, private_jwk FROM signing_keys WHERE retired_at IS NULL ORDER BY created_at, kid",
  );
  return rows;
}

/** Adds a key. Processes that start at once add one each, in turn; all of them sign with the oldest. */
export async function addSigningKey(pool: Pool, key: SigningKeyRow): Promise<void> {
  await pool.query(
    `WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtext('waystock signing key')))
    INSERT INTO signing_keys (kid, public_jwk, private_jwk) SELECT $1, $2, $3 FROM turn`,
    [key.kid, key.public_jwk, key.private_jwk],
  );
}
