import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { JournalReader, Position } from "../../broker/journal/journal.ts";

const INTERVAL_MS = 1_000;

/**
 * Takes the segments that every consumer has passed out of the journal, once a second.
 * @param slowest undefined while the cursor of a consumer is not known
 */
export function startJournalTrimmer(
  journal: JournalReader,
  slowest: () => Position | undefined,
  log: Logger,
): { close(): Promise<void> } {
  const ending = new AbortController();
  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      const before = slowest();
      if (before !== undefined)
        await journal.trim(before).catch((error: unknown) => log.error({ err: error }, "cannot trim the journal"));
      await sleep(INTERVAL_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
  const running = run();
  return {
    async close() {
      ending.abort();
      await running;
    },
  };
}
