import type { PoolClient } from "pg";
import { updateRow } from "../http/rows.ts";
import { revokeSessionsOf } from "./session-queries.ts";
import { voidSetupTokensOf } from "./setup-token-queries.ts";

/**
 * Sets a user's password. What was opened or made with the old one ends: sessions, but the one to keep, and links.
 * @param keptSessionId of the session that goes on
 */
export async function setPassword(
  client: PoolClient,
  userId: number,
  passwordHash: string,
  keptSessionId?: string,
): Promise<void> {
  const change = { password_hash: passwordHash, invited_at: null, reset_requested_at: null };
  await updateRow(client, "users", userId, change, ["password_hash", "invited_at", "reset_requested_at"]);
  await voidSetupTokensOf(client, userId);
  await revokeSessionsOf(client, userId, keptSessionId);
}
