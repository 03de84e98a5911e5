import { hashPassword } from "../../auth/passwords.ts";
import { SIGNED_IN } from "../../auth/roles.ts";
import type { Sessions } from "../../auth/sessions.ts";
import { setPassword } from "../../auth/set-password.ts";
import type { ApiDeps } from "../../deps.ts";
import type { Endpoints } from "../../http/endpoint.ts";
import { invalid, Problem } from "../../http/problem.ts";
import { noContent } from "../../http/response.ts";
import { findPasswordHash } from "../users/queries.ts";
import { requireUser } from "./require-user.ts";
import { passwordChange } from "./schema.ts";
import type { SignIn } from "./sign-in.ts";

/** The signed-in user's own password. */
export function registerPassword(
  endpoints: Endpoints,
  { pool, passwordProblem }: Pick<ApiDeps, "pool" | "passwordProblem">,
  signIn: SignIn,
  sessions: Sessions,
): void {
  endpoints.mutate(
    {
      route: "POST /auth/password",
      access: SIGNED_IN,
      tag: "Identity",
      summary: "Change one's own password; all other sessions end",
      body: passwordChange,
      holdsPassword: () => true,
      status: 204,
    },
    async ({ principal }, client, passwordHash: string) => {
      const { id, sessionId } = requireUser(principal);
      await setPassword(client, id, passwordHash, sessionId);
      return { ...noContent, afterCommit: () => sessions.clearCache() };
    },
    async ({ principal, body, c }) => {
      const { id, email } = requireUser(principal);
      const problem = passwordProblem(body.new);
      if (problem !== undefined) throw invalid("/new", problem);
      const hash = await findPasswordHash(pool, id);
      if (hash === undefined) throw new Problem(409, "this account has no password here");
      if (!(await signIn.isPassword(c, { email, hash, isSignedIn: true }, body.current))) {
        await signIn.recordDenied(`user:${id}`, "change password", null);
        throw invalid("/current", "this is not your password");
      }
      return hashPassword(body.new);
    },
  );
}
