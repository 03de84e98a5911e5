import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../ingest/decisions/record-facts.ts";
import { insertRow } from "../http/rows.ts";
import { hasAdmin } from "../resources/users/queries.ts";
import { hashPassword } from "./passwords.ts";
import { newSecret, sha256 } from "./secrets.ts";
import { addSetupToken } from "./setup-token-queries.ts";

/**
 * Makes sure that there can be an administrator. If there is none yet, the given account is created. Without an account
 * a one-time link is made, by which the first administrator is created in the browser; it replaces an earlier unused one.
 * @returns the link; undefined when none is needed
 */
export async function ensureAdmin(
  pool: Pool,
  account: { email: string; password: string } | undefined,
  publicUrl: string,
): Promise<string | undefined> {
  const passwordHash = account && (await hashPassword(account.password));
  return inTransaction(pool, async (client) => {
    if (await hasAdmin(client)) return undefined;
    if (!account) return addSetupLink(client, null, publicUrl);
    const row = { email: account.email, role: "admin", password_hash: passwordHash };
    await insertRow(client, "users", row, ["email", "role", "password_hash"]);
    return undefined;
  });
}

/** Makes a link that signs an existing user in once, within a day. */
export function createSignInLink(pool: Pool, userId: number, publicUrl: string): Promise<string> {
  return inTransaction(pool, (client) => addSetupLink(client, userId, publicUrl));
}

async function addSetupLink(client: PoolClient, userId: number | null, publicUrl: string): Promise<string> {
  const token = newSecret();
  await addSetupToken(client, sha256(token), userId);
  return `${publicUrl.replace(/\/+$/, "")}/#/setup/${token}`;
}
