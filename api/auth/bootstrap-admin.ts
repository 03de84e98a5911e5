import type { Pool, PoolClient } from "pg";
import { inTransaction } from "../../ingest/decisions/record-facts.ts";
import { insertRow } from "../http/rows.ts";
import { hasAdmin } from "../resources/users/queries.ts";
import { hashPassword } from "./passwords.ts";
import { newSecret, sha256 } from "./secrets.ts";
import { addSetupToken } from "./setup-token-queries.ts";

/**
 * Sees to it that somebody can administer. With an account given, creates it if there is no administrator yet; without
 * one, makes a one-time link by which the first administrator can be created (an earlier unused link ends).
 * @returns the link, or undefined when none is needed
 */
export async function ensureAdmin(
  pool: Pool,
  account: { email: string; password: string } | undefined,
  publicUrl: string,
): Promise<string | undefined> {
  const passwordHash = account && (await hashPassword(account.password));
  return inTransaction(pool, async (client) => {
    if (await hasAdmin(client)) return undefined;
    if (!account) return addLink(client, null, publicUrl);
    const row = { email: account.email, role: "admin", password_hash: passwordHash };
    await insertRow(client, "users", row, ["email", "role", "password_hash"]);
    return undefined;
  });
}

/** A link that signs an existing user in, once, within a day. */
export function createSignInLink(pool: Pool, userId: number, publicUrl: string): Promise<string> {
  return inTransaction(pool, (client) => addLink(client, userId, publicUrl));
}

async function addLink(client: PoolClient, userId: number | null, publicUrl: string): Promise<string> {
  const token = newSecret();
  await addSetupToken(client, sha256(token), userId);
  return `${publicUrl.replace(/\/+$/, "")}/#/setup/${token}`;
}
