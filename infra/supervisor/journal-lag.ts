import type { Logger } from "pino";
import { unreadBytes } from "../../broker/journal/directory.ts";
import type { Position } from "../../broker/journal/journal.ts";
import type { Health } from "./health.ts";

const INTERVAL_MS = 1_000;

/**
 * Measures every second how many bytes of the journal wait for ingest. The supervisor does it, because an ingest that is
 * frozen or dead does not see its lag grow.
 * @param unreadFrom where ingest reads on, as it last said; undefined: it has not said yet
 */
export function startJournalLag(
  directory: string,
  unreadFrom: () => Position | undefined,
  onHealth: (health: Health) => void,
  log: Logger,
): { close(): Promise<void> } {
  let lastError: string | undefined;
  let measuring: Promise<void> | undefined;
  async function measure(): Promise<void> {
    const from = unreadFrom();
    if (from === undefined) return;
    try {
      onHealth({ lag: { ok: true, detail: await unreadBytes(directory, from) } });
      lastError = undefined;
    } catch (error) {
      onHealth({ lag: { ok: false, degraded: true, detail: "the journal cannot be listed" } });
      if (String(error) !== lastError)
        log.warn({ err: error }, "the lag cannot be measured: the journal cannot be listed");
      lastError = String(error);
    }
  }
  const timer = setInterval(() => {
    measuring ??= measure().finally(() => (measuring = undefined));
  }, INTERVAL_MS);
  return {
    async close() {
      clearInterval(timer);
      await measuring;
    },
  };
}
