import { setTimeout as sleep } from "node:timers/promises";
import { type Loop, startLoop } from "./loop.ts";
import { dropExpiredDays, type RetentionOptions } from "../reprocessing/retention.ts";
import { deleteExpired, EXPIRING_TABLES, thinCheckpoints } from "../stores/queries/expired-rows.ts";

const INTERVAL_MS = 3_600_000;
/** Rows per statement, with a pause after each, so that other work does not suffer. */
const BATCH_SIZE = 2_000;
const PAUSE_MS = 200;
const DAY_MS = 86_400_000;

export interface CleanupOptions extends RetentionOptions {
  /** days to keep raw readings after the last one of their day has arrived */
  retentionRawDays: number;
}

/** Deletes expired rows and days once an hour. Any number of nodes may run it: deleting twice changes nothing. */
export function startCleanup(options: CleanupOptions): Loop {
  const { stores, retentionRawDays } = options;
  const { pool, log } = stores;
  const ending = new AbortController();

  /** Repeats a step that handles `BATCH_SIZE` rows until it finds fewer. */
  async function repeat(step: () => Promise<number>): Promise<void> {
    while (!ending.signal.aborted && (await step()) === BATCH_SIZE) {
      await sleep(PAUSE_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }

  async function tick(): Promise<boolean> {
    for (const table of EXPIRING_TABLES) await repeat(() => deleteExpired(pool, table, BATCH_SIZE));
    await repeat(() => thinCheckpoints(pool, BATCH_SIZE));
    while (!ending.signal.aborted) {
      if ((await dropExpiredDays(options, Date.now() - retentionRawDays * DAY_MS)).length === 0) break;
    }
    return false;
  }

  const loop = startLoop("cleanup", tick, log, INTERVAL_MS);
  return {
    ...loop,
    close() {
      ending.abort();
      return loop.close();
    },
  };
}
