import type { JWK } from "jose";
import type { Pool, PoolClient } from "pg";
import { signingKeyContext } from "./seal-stored.ts";
import type { KeptSecret, Sealer } from "./sealing.ts";

export interface SigningKeyRow {
  kid: string;
  public_jwk: JWK;
  /** undefined: this process lacks the key it is sealed under */
  private_jwk: JWK | undefined;
}

/** Lists the keys in force; the first one that can be read signs. */
export async function listSigningKeys(pool: Pool, sealer: Sealer): Promise<SigningKeyRow[]> {
  const { rows } = await pool.query<KeptSecret & { kid: string; public_jwk: JWK }>(
    `SELECT kid, public_jwk, convert_to(private_jwk::text, 'UTF8') AS plain, sealed_private_jwk AS sealed FROM signing_keys
     WHERE retired_at IS NULL ORDER BY created_at, kid`,
  );
  return rows.map(({ kid, public_jwk, ...kept }) => {
    const text = sealer.read(kept, signingKeyContext(kid))?.toString("utf8");
    return { kid, public_jwk, private_jwk: text === undefined ? undefined : (JSON.parse(text) as JWK) };
  });
}

/** Adds a key. Processes that start at once add one each, in turn; all of them sign with the oldest. */
export async function addSigningKey(
  pool: Pool,
  sealer: Sealer,
  key: SigningKeyRow & { private_jwk: JWK },
): Promise<void> {
  const { plain, sealed } = sealer.keep(
    Buffer.from(JSON.stringify(key.private_jwk), "utf8"),
    signingKeyContext(key.kid),
  );
  await pool.query(
    `WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtext('waystock signing key')))
    INSERT INTO signing_keys (kid, public_jwk, private_jwk, sealed_private_jwk)
    SELECT $1, $2, convert_from($3, 'UTF8')::jsonb, $4 FROM turn`,
    [key.kid, key.public_jwk, plain, sealed],
  );
}

/** A signing key as people see it. */
export interface SigningKeyListing {
  kid: string;
  created_at: Date;
  /** null: in force */
  retired_at: Date | null;
}

/** All keys that are remembered, retired ones for 30 days. Of those in force the first one signs. */
export async function listKnownSigningKeys(pool: Pool): Promise<SigningKeyListing[]> {
  const { rows } = await pool.query<SigningKeyListing>(
    "SELECT kid, created_at, retired_at FROM signing_keys ORDER BY retired_at IS NOT NULL, created_at, kid",
  );
  return rows;
}

/** Ends a key, and with it every token that it has signed; all processes are told. @returns false when no such key is in force */
export async function retireSigningKey(client: PoolClient, kid: string): Promise<boolean> {
  const { rowCount } = await client.query(
    "UPDATE signing_keys SET retired_at = now() WHERE kid = $1 AND retired_at IS NULL",
    [kid],
  );
  return rowCount === 1;
}
