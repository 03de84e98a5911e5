import type { Pool } from "pg";
import { inTransaction } from "../../ingest/decisions/record-facts.ts";
import { insertRow } from "../http/rows.ts";
import { hasAdmin } from "../resources/users/queries.ts";
import { addOneTimeLink, type OneTimeLink } from "./one-time-links.ts";
import { hashPassword } from "./passwords.ts";

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
  // Hashed before the transaction, and only when it may be needed.
  if (!account)
    return inTransaction(pool, async (client) =>
      (await hasAdmin(client)) ? undefined : (await addOneTimeLink(client, "first_admin", null, publicUrl)).link,
    );
  if (await inTransaction(pool, hasAdmin)) return undefined;
  const passwordHash = await hashPassword(account.password);
  return inTransaction(pool, async (client) => {
    if (await hasAdmin(client)) return undefined;
    const row = { email: account.email, role: "admin", password_hash: passwordHash };
    await insertRow(client, "users", row, ["email", "role", "password_hash"]);
    return undefined;
  });
}

/** Makes sure that this account exists, is an active administrator and has this password: of a demo, which prints it. */
export async function ensureAccount(pool: Pool, account: { email: string; password: string }): Promise<void> {
  const passwordHash = await hashPassword(account.password);
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `UPDATE users SET role = 'admin', active = true, password_hash = $2, updated_at = now(), version = version + 1
      WHERE lower(email) = lower($1) RETURNING id`,
      [account.email, passwordHash],
    );
    if (rows.length > 0) return;
    const row = { email: account.email, role: "admin", password_hash: passwordHash };
    await insertRow(client, "users", row, ["email", "role", "password_hash"]);
  });
}

/** Makes a link that signs an existing user in once, within a day. */
export async function createSignInLink(pool: Pool, userId: number, publicUrl: string): Promise<string> {
  return (await inTransaction(pool, (client) => addOneTimeLink(client, "sign_in", userId, publicUrl))).link;
}

/**
 * Makes a link by which an administrator who is locked out chooses a new password, within a day. It is for whoever has the
 * machine: it asks for no second factor, and turns it off.
 * @returns undefined when no active administrator has this address
 */
export function createRecoveryLink(pool: Pool, email: string, publicUrl: string): Promise<OneTimeLink | undefined> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      "SELECT id FROM users WHERE lower(email) = lower($1) AND role = 'admin' AND active",
      [email],
    );
    return rows[0] && addOneTimeLink(client, "recovery", rows[0].id, publicUrl);
  });
}
