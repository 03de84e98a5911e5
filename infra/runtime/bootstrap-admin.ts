import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { Component } from "./components.ts";

const RETRY_MS = 2_000;

/** The first administrator that the configuration names, if any; the two variables are set together or not at all. */
export function bootstrapAdmin(config: Config): { email: string; password: string } | undefined {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  return email === undefined || password === undefined ? undefined : { email, password };
}

/**
 * Makes sure that an administrator can sign in before the API reports ready. The first attempt is awaited. While
 * Postgres is down it is repeated in the background: an API that starts before its database must answer and say so.
 * @param ensureAdmin resolves to a one-time link if no administrator exists; the link is then logged
 */
export async function startAdminBootstrap(
  ensureAdmin: () => Promise<string | undefined>,
  log: Logger,
): Promise<Component> {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let lastError: string | undefined;
  const attempt = async (): Promise<void> => {
    try {
      const link = await ensureAdmin();
      if (link !== undefined) log.info(`no administrator exists; create the first administrator (once) at ${link}`);
    } catch (error) {
      if (String(error) !== lastError) log.warn({ err: error }, "cannot check for an administrator; retrying");
      lastError = String(error);
      if (!closed) timer = setTimeout(() => void attempt(), RETRY_MS);
    }
  };
  await attempt();
  return {
    close: async () => {
      closed = true;
      clearTimeout(timer);
    },
  };
}
