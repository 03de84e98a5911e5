import type { Pool, PoolClient } from "pg";
import { Problem } from "../../http/problem.ts";
import { secondFactorContext } from "../seal-stored.ts";
import type { KeptSecret, Sealer } from "../sealing.ts";

/** Nobody takes longer than this from the secret to the first code. */
const ENROLMENT_LIFE = "interval '1 hour'";

/** Whether a user signs in with a second factor. */
export async function hasSecondFactor(db: Pool | PoolClient, userId: number): Promise<boolean> {
  const { rowCount } = await db.query("SELECT 1 FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL", [
    userId,
  ]);
  return (rowCount ?? 0) > 0;
}

/** Keeps the secret of a user who has begun, in place of an earlier one that was not confirmed. @returns false: confirmed already */
export async function addSecret(client: PoolClient, sealer: Sealer, userId: number, secret: Buffer): Promise<boolean> {
  const { plain, sealed } = sealer.keep(secret, secondFactorContext(userId));
  const { rowCount } = await client.query(
    `INSERT INTO second_factors AS f (user_id, secret, sealed_secret) VALUES ($1, $2, $3)
     ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, sealed_secret = excluded.sealed_secret, created_at = now(), last_step = 0
       WHERE f.confirmed_at IS NULL`,
    [userId, plain, sealed],
  );
  return rowCount === 1;
}

export interface SecretRow {
  secret: Buffer;
  is_confirmed: boolean;
  /** the time step of the code that was used last */
  last_step: number;
}

/**
 * Locks a user's secret until the end of the transaction.
 * @returns undefined: none, or one whose enrolment was given up
 * @throws Problem 503 when this process lacks the key it is sealed under
 */
export async function lockSecret(client: PoolClient, sealer: Sealer, userId: number): Promise<SecretRow | undefined> {
  const { rows } = await client.query<KeptSecret & Omit<SecretRow, "secret">>(
    `SELECT secret AS plain, sealed_secret AS sealed, confirmed_at IS NOT NULL AS is_confirmed, last_step::int AS last_step FROM second_factors
     WHERE user_id = $1 AND (confirmed_at IS NOT NULL OR created_at > now() - ${ENROLMENT_LIFE}) FOR UPDATE`,
    [userId],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const { is_confirmed, last_step } = row;
  const secret = sealer.read(row, secondFactorContext(userId));
  if (secret === undefined) throw unreadable();
  return { secret, is_confirmed, last_step };
}

const unreadable = (): Problem =>
  new Problem(503, "second factors cannot be checked here: this process lacks the key they are sealed under", {
    headers: { "Retry-After": "60" },
  });

export async function rememberStep(client: PoolClient, userId: number, step: number): Promise<void> {
  await client.query("UPDATE second_factors SET last_step = $2 WHERE user_id = $1", [userId, step]);
}

/**
 * Turns a user's second factor on, with these recovery codes and no others.
 * @returns false when its first code was not taken, or it is on already
 */
export async function confirmSecret(
  client: PoolClient,
  userId: number,
  codeHashes: readonly Buffer[],
): Promise<boolean> {
  const { rowCount } = await client.query(
    "UPDATE second_factors SET confirmed_at = now() WHERE user_id = $1 AND confirmed_at IS NULL AND last_step > 0",
    [userId],
  );
  if (rowCount !== 1) return false;
  await client.query("DELETE FROM recovery_codes WHERE user_id = $1", [userId]);
  await client.query("INSERT INTO recovery_codes (user_id, code_sha256) SELECT $1, unnest($2::bytea[])", [
    userId,
    codeHashes,
  ]);
  return true;
}

/** Uses a recovery code up. @returns false when the user has no such code, or has used it */
export async function takeRecoveryCode(client: PoolClient, userId: number, codeSha256: Buffer): Promise<boolean> {
  const { rowCount } = await client.query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_sha256 = $2", [
    userId,
    codeSha256,
  ]);
  return rowCount === 1;
}

export async function countRecoveryCodes(db: Pool, userId: number): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM recovery_codes WHERE user_id = $1",
    [userId],
  );
  return rows[0]!.count;
}

/** Turns a user's second factor off. @returns whether it was on */
export async function removeSecondFactor(client: PoolClient, userId: number): Promise<boolean> {
  await client.query("DELETE FROM recovery_codes WHERE user_id = $1", [userId]);
  const { rows } = await client.query<{ was_on: boolean }>(
    "DELETE FROM second_factors WHERE user_id = $1 RETURNING confirmed_at IS NOT NULL AS was_on",
    [userId],
  );
  return rows[0]?.was_on === true;
}
