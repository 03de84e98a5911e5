import type { Pool, PoolClient } from "pg";
import { hashPassword } from "../../auth/passwords.ts";
import type { Role } from "../../auth/roles.ts";
import { sha256 } from "../../auth/secrets.ts";
import { hasSecondFactor, removeSecondFactor } from "../../auth/second-factor/queries.ts";
import { setPassword } from "../../auth/set-password.ts";
import { findSetupToken, type LinkPurpose, redeemSetupToken, type SetupToken } from "../../auth/setup-token-queries.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { insertRow, updateRow } from "../../http/rows.ts";
import { findUser, hasAdmin } from "../users/queries.ts";

/** What somebody sends with a one-time link. */
interface LinkRequest {
  token: string;
  email?: string | undefined;
  password?: string | undefined;
}

/** A one-time link that may be redeemed: all that takes time is done, and nothing is written yet. */
interface Redemption {
  tokenSha256: Buffer;
  link: SetupToken;
  email: string | undefined;
  passwordHash: string | undefined;
  /** the user whose second factor is asked for before the link is redeemed */
  secondFactorOf: { id: number; email: string } | undefined;
}

/** Links by which a password is chosen. */
const SETS_PASSWORD: ReadonlySet<LinkPurpose> = new Set(["invitation", "reset", "recovery"]);

export const usedOrExpired = (): Problem => new Problem(401, "this link was used already, or has expired");

/**
 * Looks at the link first: without one a request costs one query, and no hash.
 * @returns undefined when the link is unknown, used or expired
 * @throws Problem 400 when something is missing, or the password may not be chosen
 */
export async function prepareRedemption(
  pool: Pool,
  { token, email, password }: LinkRequest,
  passwordProblem: (password: string) => string | undefined,
): Promise<Redemption | undefined> {
  const tokenSha256 = sha256(token);
  const link = await findSetupToken(pool, tokenSha256);
  if (!link) return undefined;
  if (link.purpose === "first_admin") {
    if (email === undefined) throw invalid("/email", "the first administrator needs an e-mail address");
    if (password === undefined) throw invalid("/password", "the first administrator needs a password");
  }
  if (SETS_PASSWORD.has(link.purpose)) {
    if (email !== undefined && email.toLowerCase() !== link.email?.toLowerCase()) {
      throw invalid("/email", "this link is for another e-mail address");
    }
    if (password === undefined) throw invalid("/password", `choose a password for ${link.email}`);
  }
  const problem = password === undefined ? undefined : passwordProblem(password);
  if (problem !== undefined) throw invalid("/password", problem);
  const user = link.user_id === null ? undefined : { id: link.user_id, email: link.email! };
  const asksForCode = link.purpose === "reset" && user !== undefined && (await hasSecondFactor(pool, user.id));
  return {
    tokenSha256,
    link,
    email,
    passwordHash: password === undefined ? undefined : await hashPassword(password),
    secondFactorOf: asksForCode ? user : undefined,
  };
}

/**
 * Redeems a one-time link: creates the first administrator, or sets the password of its user. When anything is refused,
 * the transaction is rolled back and the link stays valid.
 * @returns the user, who is signed in from now on
 */
export async function redeem(
  client: PoolClient,
  { tokenSha256, link, email, passwordHash }: Redemption,
): Promise<{ id: number; role: Role }> {
  if (!(await redeemSetupToken(client, tokenSha256))) throw usedOrExpired();
  if (link.user_id === null) {
    if (await hasAdmin(client)) throw new Problem(409, "there is an administrator already; sign in instead");
    const row = { email, password_hash: passwordHash, role: "admin" };
    return { id: await insertRow(client, "users", row, ["email", "password_hash", "role"]), role: "admin" };
  }
  if (link.purpose === "sign_in" && email !== undefined) {
    await updateRow(client, "users", link.user_id, { email }, ["email"]);
  }
  if (link.purpose === "recovery") await removeSecondFactor(client, link.user_id);
  if (passwordHash !== undefined) await setPassword(client, link.user_id, passwordHash);
  const user = await findUser(client, link.user_id);
  if (!user?.active) throw new Problem(401, "this account is deactivated");
  return user;
}
