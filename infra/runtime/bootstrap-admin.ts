import type { Logger } from "pino";
import type { Config } from "../config/config.ts";
import type { Component } from "./lifecycle.ts";

/** Until it is tried again while Postgres is away, milliseconds. */
const RETRY_MS = 2_000;

/** Whom the operator names as first administrator, if anybody; both variables are set or neither. */
export function bootstrapAdmin(config: Config): { email: string; password: string } | undefined {
  const { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  return email === undefined || password === undefined ? undefined : { email, password };
}

/**
 * Sees to it that somebody can sign in, before anybody is told that the API is ready. Without Postgres this is tried
 * until it is there again: an API that comes up before its database has to say so, not to stay away.
 * @param ensure answers with a one-time link if one is needed, which is then said in the log
 */
export async function startAdminBootstrap(ensure: () => Promise<string | undefined>, log: Logger): Promise<Component> {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let trouble: string | undefined;
  const attempt = async (): Promise<void> => {
    try {
      const link = await ensure();
      if (link !== undefined) log.info(`nobody can sign in yet; create the first administrator (once) at ${link}`);
    } catch (error) {
      if (String(error) !== trouble) log.warn({ err: error }, "the first administrator cannot be looked for yet");
      trouble = String(error);
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
