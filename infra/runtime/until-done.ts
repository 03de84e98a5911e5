import type { Logger } from "pino";
import type { Component } from "./components.ts";

const RETRY_MS = 2_000;

/**
 * Does what a start needs of Postgres. The first attempt is awaited. While Postgres is down it is repeated in the background: an
 * API that starts before its database must answer and say so.
 * @param failureText what cannot be done then, for the log
 */
export async function untilDone(task: () => Promise<void>, failureText: string, log: Logger): Promise<Component> {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let lastError: string | undefined;
  const attempt = async (): Promise<void> => {
    try {
      await task();
    } catch (error) {
      if (String(error) !== lastError) log.warn({ err: error }, `${failureText}; retrying`);
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
