import { SIGNED_IN } from "../../auth/roles.ts";
import { addSecret, confirmSecret, hasSecondFactor, removeSecondFactor } from "../../auth/second-factor/queries.ts";
import { newRecoveryCodes } from "../../auth/second-factor/recovery-codes.ts";
import { takeFirstCode } from "../../auth/second-factor/take-code.ts";
import { describeSecret, newTotpSecret } from "../../auth/second-factor/totp.ts";
import { sha256 } from "../../auth/secrets.ts";
import { revokeSessionsOf } from "../../auth/session-queries.ts";
import type { Sessions } from "../../auth/sessions.ts";
import type { ApiDeps } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { noContent } from "../../http/response.ts";
import { findPasswordHash } from "../users/queries.ts";
import { requireUser } from "./require-user.ts";
import { totp, totpEnd, totpRequest } from "./schema.ts";
import type { SignIn } from "./sign-in.ts";

const tag = "Identity";
const isOn = (): Problem => new Problem(409, "the second factor is on already: turn it off first");
const wrongCode = (): Problem => invalid("/code", "this code is wrong, or was used before");

/** The signed-in user's own second factor: codes of an authenticator app. */
export function registerSecondFactor(
  endpoints: Endpoints,
  { pool, sealer }: ApiDeps,
  signIn: SignIn,
  sessions: Sessions,
): void {
  const afterCommit = (): void => sessions.clearCache();

  endpoints.mutate(
    {
      route: "POST /auth/totp",
      access: SIGNED_IN,
      tag,
      summary:
        "Set up a second factor: without a code a new secret for an authenticator app; with its first code the second factor " +
        "is turned on, the other sessions end, and the answer holds the recovery codes",
      body: totpRequest,
      bodyOptional: true,
      response: totp,
      showsSecret: true,
    },
    async ({ principal, body }, client) => {
      const { id, email, sessionId } = requireUser(principal);
      if (body.code === undefined) {
        const secret = newTotpSecret();
        if (!(await addSecret(client, sealer, id, secret))) throw isOn();
        return { status: 200, body: describeSecret(secret, email) };
      }
      const codes = newRecoveryCodes();
      if (!(await confirmSecret(client, id, codes.map(sha256)))) throw isOn();
      await revokeSessionsOf(client, id, sessionId);
      return { status: 200, body: { recovery_codes: codes }, afterCommit };
    },
    async ({ principal, body, c }) => {
      const user = requireUser(principal);
      if ((await findPasswordHash(pool, user.id)) === undefined) {
        throw new Problem(409, "this account has no password here, so a second factor would never be asked for");
      }
      if (body.code === undefined) return;
      if (await hasSecondFactor(pool, user.id)) throw isOn();
      if (!(await signIn.isCode(c, user, body.code, takeFirstCode))) throw wrongCode();
    },
  );

  endpoints.mutate(
    {
      route: "DELETE /auth/totp",
      access: SIGNED_IN,
      tag,
      summary: "Turn one's own second factor off, with the password and a code",
      body: totpEnd,
      status: 204,
    },
    async ({ principal }, client) => {
      if (!(await removeSecondFactor(client, requireUser(principal).id))) {
        throw new Problem(409, "there is no second factor");
      }
      return noContent;
    },
    async ({ principal, body, c }) => {
      const user = requireUser(principal);
      if (!(await hasSecondFactor(pool, user.id))) throw new Problem(409, "there is no second factor");
      const claim = { email: user.email, hash: await findPasswordHash(pool, user.id), isSignedIn: true };
      if (!(await signIn.isPassword(c, claim, body.password))) {
        await signIn.recordDenied(`user:${user.id}`, "turn the second factor off", null);
        throw invalid("/password", "this is not your password");
      }
      if (!(await signIn.isCode(c, user, body.code))) throw wrongCode();
    },
  );
}
