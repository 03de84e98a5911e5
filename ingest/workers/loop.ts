import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

export interface Loop {
  /** why the last tick failed; undefined while all is well */
  lastError(): string | undefined;
  /** how many ticks have finished without an error */
  ticks(): number;
  /** ends the loop after the running tick */
  close(): Promise<void>;
}

/** How long an idle loop waits before its next tick, milliseconds: the most that a reading waits on an idle system. */
const IDLE_MS = 4;
/** Postgres' disk_full: the cause is no fault of the data, and people can end it. */
const DISK_FULL = "53100";
/** What `lastError` begins with while Postgres has no room. */
export const POSTGRES_DISK_FULL = "the disk of Postgres is full";
const BACKOFF_MS = { first: 50, max: 2_000 };

/**
 * Runs `tick` again and again: at once while it had work to do, after `idleMs` when it had none, and with a growing delay
 * while it fails. A store that is away does not end the loop: the journal keeps the work.
 * @param tick resolves to whether there was work
 */
export function startLoop(name: string, tick: () => Promise<boolean>, log: Logger, idleMs = IDLE_MS): Loop {
  const ending = new AbortController();
  let lastError: string | undefined;
  let backoffMs = BACKOFF_MS.first;
  let ticks = 0;

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        const didWork = await tick();
        ticks += 1;
        if (lastError !== undefined) log.info(`the ${name} worker goes on`);
        lastError = undefined;
        backoffMs = BACKOFF_MS.first;
        if (!didWork) await pause(idleMs);
      } catch (error) {
        const message = textOf(error);
        if (message !== lastError)
          log.error({ err: error }, `the ${name} worker cannot go on; trying again: ${message}`);
        lastError = message;
        await pause(backoffMs);
        backoffMs = Math.min(BACKOFF_MS.max, backoffMs * 2);
      }
    }
  }

  function pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: ending.signal }).catch(() => undefined);
  }

  const running = run();
  return {
    lastError: () => lastError,
    ticks: () => ticks,
    async close() {
      ending.abort();
      await running;
    },
  };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return "code" in error && error.code === DISK_FULL ? `${POSTGRES_DISK_FULL}: ${error.message}` : error.message;
}
