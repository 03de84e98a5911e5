import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { createMissingPartitions } from "../stores/caches/reading-days.ts";
import { type Loop, startLoop } from "./loop.ts";

const INTERVAL_MS = 60_000;
/** While a long query is in the way. */
const RETRY_MS = 2_000;

/**
 * Creates the partitions of tomorrow, all day long, and those of days whose readings came while a long query was in the way:
 * at midnight nothing has to be created, and nobody waits for a lock.
 */
export function startPartitionWorker(pool: Pool, log: Logger): Loop {
  const ending = new AbortController();

  let said: string | undefined;

  async function tick(): Promise<boolean> {
    const day = await createMissingPartitions(pool);
    if (day !== undefined && day !== said)
      log.warn({ day }, "a long query keeps partitions from being created: readings of the day go to the default ones");
    said = day;
    if (day === undefined) return false;
    await sleep(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    return true;
  }

  const loop = startLoop("partition", tick, log, INTERVAL_MS);
  return {
    ...loop,
    close() {
      ending.abort();
      return loop.close();
    },
  };
}
