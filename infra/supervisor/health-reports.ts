import type { Logger } from "pino";
import { type ChildMessage, sendToSupervisor } from "./ipc.ts";

const REPORT_EVERY_MS = 1_000;

/** Sends the health and the figures of this process to its supervisor, if there is one: now and every second. */
export function startHealthReports(
  check: () => Promise<Required<Pick<ChildMessage, "health" | "figures">> & Pick<ChildMessage, "unreadFrom">>,
  log: Logger,
): { close(): Promise<void> } {
  let checking = false;
  let lastError: string | undefined;
  const report = async (): Promise<void> => {
    if (checking) return;
    checking = true;
    try {
      sendToSupervisor(await check());
      lastError = undefined;
    } catch (error) {
      // Without reports `/readyz` is not ready; why, is said once.
      if (String(error) !== lastError) log.warn({ err: error }, "health check failed");
      lastError = String(error);
    } finally {
      checking = false;
    }
  };
  void report();
  const timer = setInterval(() => void report(), REPORT_EVERY_MS);
  return {
    close: async () => clearInterval(timer),
  };
}
