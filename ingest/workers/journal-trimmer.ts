import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { JournalReader, Position } from "../../broker/journal/journal.ts";

const INTERVAL_MS = 1_000;

/** Deletes the segments of the journal that every consumer has passed, once a second. */
export function startJournalTrimmer(
  journal: JournalReader,
  slowest: () => Position,
  log: Logger,
): { close(): Promise<void> } {
  const ending = new AbortController();
  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await journal.trim(slowest()).catch((error: unknown) => log.error({ err: error }, "cannot trim the journal"));
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
