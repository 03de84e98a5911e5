import { setTimeout as sleep } from "node:timers/promises";
import { type Loop, startLoop } from "./loop.ts";
import { dropOldDays, type RetentionOptions } from "../reprocessing/retention.ts";
import { deleteSpent, SPENT_TABLES, thinCheckpoints } from "../stores/queries/expired-rows.ts";

const INTERVAL_MS = 3_600_000;
/** So many rows in one statement, then a pause: nobody is to notice. */
const AT_ONCE = 2_000;
const PAUSE_MS = 200;
const DAY_MS = 86_400_000;

export interface HousekeepingOptions extends RetentionOptions {
  /** days raw readings are kept after the last one of their day has arrived */
  retentionRawDays: number;
}

/** Clears away, once an hour, what nobody needs any more. Any number of workers may: what is gone is gone. */
export function startHousekeeping(options: HousekeepingOptions): Loop {
  const { stores, retentionRawDays } = options;
  const { pool, log } = stores;
  const ending = new AbortController();

  /** Repeats a step that does `AT_ONCE` rows until it finds fewer. */
  async function allOf(step: () => Promise<number>): Promise<void> {
    while (!ending.signal.aborted && (await step()) === AT_ONCE) {
      await sleep(PAUSE_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }

  async function round(): Promise<boolean> {
    for (const table of SPENT_TABLES) await allOf(() => deleteSpent(pool, table, AT_ONCE));
    await allOf(() => thinCheckpoints(pool, AT_ONCE));
    while (!ending.signal.aborted) {
      if ((await dropOldDays(options, Date.now() - retentionRawDays * DAY_MS)).length === 0) break;
    }
    return false;
  }

  const loop = startLoop("housekeeping", round, log, INTERVAL_MS);
  return {
    trouble: () => loop.trouble(),
    close() {
      ending.abort();
      return loop.close();
    },
  };
}
