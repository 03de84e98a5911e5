import type { Context } from "hono";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { pseudonym } from "../../auth/secrets.ts";
import type { ApiDeps, ApiEnv } from "../../deps.ts";
import type { AddAuditEntry } from "../../http/audit/queries.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { markResetRequested } from "../users/queries.ts";
import { prepareRedemption, redeem, usedOrExpired } from "./redeem-link.ts";
import { reset, setup, signedIn } from "./schema.ts";
import type { SignIn } from "./sign-in.ts";

const tag = "Identity";

/** One-time links: the first administrator's, invitations, and new passwords. */
export function registerLinks(
  endpoints: Endpoints,
  { pool, passwordProblem }: Pick<ApiDeps, "pool" | "passwordProblem">,
  signIn: SignIn,
  addAuditEntry: AddAuditEntry,
): void {
  async function redeemLink(
    c: Context<ApiEnv>,
    body: { token: string; email?: string | undefined; password?: string | undefined; code?: string | undefined },
  ): Promise<Response> {
    const [address, now] = [signIn.addressOf(c), performance.now()];
    signIn.links.assertAllowed(address, now);
    const redemption = await prepareRedemption(pool, body, passwordProblem);
    if (!redemption) {
      signIn.links.recordFailure(address, now);
      throw usedOrExpired();
    }
    const { secondFactorOf } = redemption;
    if (secondFactorOf !== undefined) await signIn.demandCode(c, secondFactorOf, body.code);
    const { session, role } = await transaction(pool, async (client) => {
      const user = await redeem(client, redemption);
      const action = `one-time link: ${redemption.link.purpose.replace("_", " ")}`;
      return { session: await signIn.openSession(c, client, user.id, action), role: user.role };
    });
    signIn.sessionsEnded();
    return signIn.sendSession(c, session, role);
  }

  const problems = {
    401: "the link is unknown, used or expired; by its type, that a code of the second factor is missing or wrong",
  };
  endpoints.custom(
    {
      route: "POST /auth/setup",
      access: "public",
      tag,
      summary: "Sign in by a one-time link, with the password that an invitation asks for",
      body: setup,
      response: signedIn,
      problems,
    },
    async ({ body, c }) => redeemLink(c, body),
  );
  endpoints.custom(
    {
      route: "POST /auth/reset",
      access: "public",
      tag,
      summary: "Choose a new password by a one-time link, or ask the administrators for one",
      body: reset,
      response: signedIn,
      accepted: "asked with an e-mail address: the administrators see it, if there is such an account",
      problems,
    },
    async ({ body, c }) => {
      if (body.token !== undefined) return redeemLink(c, { ...body, token: body.token });
      const [address, now] = [signIn.addressOf(c), performance.now()];
      signIn.resetRequests.assertAllowed(address, now);
      signIn.resetRequests.recordFailure(address, now);
      const email = body.email!;
      const isNew = await markResetRequested(pool, email);
      // Of an account once an hour. All else strangers may send as often as they like, so it is bounded as refusals are.
      const outcome = isNew ? "done" : "refused";
      const subject = isNew ? email : pseudonym(email);
      await addAuditEntry(pool, { actor: "nobody", action: "ask for a reset", subject, outcome, detail: null });
      return c.body(null, 202);
    },
  );
}
