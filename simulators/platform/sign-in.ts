import { readFile } from "node:fs/promises";
import type { Options } from "../cli/options.ts";
import { withTimeLimit } from "./time-limit.ts";

/** The account to sign in with when no token is given. */
export interface Account {
  email: string;
  password: string;
}

/**
 * The source of API tokens: the command line, a file that is read each time, or a sign-in that is renewed before it
 * expires.
 * @param account called only when neither a token nor a file is given
 * @throws TypeError when there is an API but no token, file or account
 */
export function tokenSource(options: Options, account: () => Account | undefined): () => Promise<string> {
  const { token, tokenFile, api } = options;
  if (token !== undefined) return () => Promise.resolve(token);
  if (tokenFile !== undefined) return async () => (await readFile(tokenFile, "utf8")).trim();
  if (api === undefined) return () => Promise.reject(new Error("no token was given"));
  const known = account();
  if (known) return tokenFromSignIn(api, known);
  throw new TypeError(
    "--api needs --token TOKEN, --token-file FILE, or ADMIN_EMAIL and ADMIN_PASSWORD in the environment",
  );
}

const TIMEOUT_MS = 15_000;

/** Signs in at the first call, and again after half of the token's lifetime. */
function tokenFromSignIn(api: string, account: Account): () => Promise<string> {
  let current: Promise<string> | undefined;
  let renewAt = 0;
  const signIn = async (): Promise<string> => {
    const answer = await withTimeLimit(TIMEOUT_MS, async (signal) => {
      const response = await fetch(new URL("/auth/login", api), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(account),
        signal,
      });
      if (!response.ok) throw new Error(`signing in as ${account.email} failed: ${response.status}`);
      return (await response.json()) as { access_token: string; expires_in: number };
    });
    renewAt = performance.now() + answer.expires_in * 500;
    return answer.access_token;
  };
  return () => {
    if (current === undefined || performance.now() > renewAt) {
      // Concurrent calls share this sign-in. After a failure the next call tries again.
      renewAt = Infinity;
      current = signIn().catch((error: unknown) => {
        current = undefined;
        throw error;
      });
    }
    return current;
  };
}
