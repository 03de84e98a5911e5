import type { PoolClient } from "pg";
import type { Sealer } from "../sealing.ts";
import { sha256 } from "../secrets.ts";
import { lockSecret, rememberStep, takeRecoveryCode } from "./queries.ts";
import { normalizeRecoveryCode } from "./recovery-codes.ts";
import { isTotpCode, stepOfCode } from "./totp.ts";

/**
 * Uses a code of a user's authenticator app, or one of the recovery codes, within the caller's transaction. No code works
 * twice: of the app, only codes of later time steps than the last one's are taken (RFC 6238 §5.2).
 * @param nowMs epoch milliseconds
 * @returns false when the code is wrong or was used, or nobody confirmed a second factor
 * @throws Problem 503 when this process lacks the key of the secret; recovery codes are taken all the same
 */
export async function takeCode(
  client: PoolClient,
  sealer: Sealer,
  userId: number,
  code: string,
  nowMs: number,
): Promise<boolean> {
  const digits = code.replace(/\s/g, "");
  if (!isTotpCode(digits)) return takeRecoveryCode(client, userId, sha256(normalizeRecoveryCode(code)));
  const row = await lockSecret(client, sealer, userId);
  if (row?.is_confirmed !== true) return false;
  return takeStep(client, userId, row, digits, nowMs);
}

/** Uses the first code of a secret that is not confirmed yet, as `takeCode`. */
export async function takeFirstCode(
  client: PoolClient,
  sealer: Sealer,
  userId: number,
  code: string,
  nowMs: number,
): Promise<boolean> {
  const row = await lockSecret(client, sealer, userId);
  return row !== undefined && !row.is_confirmed && takeStep(client, userId, row, code.replace(/\s/g, ""), nowMs);
}

async function takeStep(
  client: PoolClient,
  userId: number,
  { secret, last_step }: { secret: Buffer; last_step: number },
  code: string,
  nowMs: number,
): Promise<boolean> {
  const step = isTotpCode(code) ? stepOfCode(secret, code, nowMs) : undefined;
  if (step === undefined || step <= last_step) return false;
  await rememberStep(client, userId, step);
  return true;
}
