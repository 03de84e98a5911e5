import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export interface Loop {
  /** why the last round failed; undefined while all is well */
  lastError(): string | undefined;
  /** ends after the round that is running */
  close(): Promise<void>;
}

/** How often an idle loop looks again, milliseconds: what a reading waits at most when nothing else does. */
const IDLE_MS = 4;
const BACKOFF_MS = { first: 50, most: 2_000 };

/**
 * Runs `round` again and again: at once while there is work, soon when there was none, later and later while it fails.
 * A store that is away is no reason to end: the journal keeps what is to be done.
 */
export function startLoop(name: string, tick: () => Promise<boolean>, log: Logger, idleMs = IDLE_MS): Loop {
  const ending = new AbortController();
  let lastError: string | undefined;
  let backoffMs = BACKOFF_MS.first;

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const didWork = await tick();
        if (lastError !== undefined) log.info(`the ${name} worker goes on`);
        lastError = undefined;
        backoffMs = BACKOFF_MS.first;
        if (!didWork) await pause(idleMs);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (message !== lastError) log.error({ err: error }, `the ${name} worker cannot go on; trying again`);
        lastError = message;
        await pause(backoffMs);
        backoffMs = Math.min(BACKOFF_MS.most, backoffMs * 2);
      }
    }
  }

  function pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  }

  const running = run();
  return {
    lastError: () => lastError,
    async close() {
      ending.abort();
      await running;
    },
  };
}
