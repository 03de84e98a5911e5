import type { Logger } from "pino";
import { type Health, sendToSupervisor } from "./ipc.ts";

const REPORT_EVERY_MS = 1_000;

/** Sends the health of this process's components to its supervisor, if there is one: now and every second. */
export function startHealthReports(check: () => Promise<Health>, log: Logger): { close(): Promise<void> } {
  let checking = false;
  const report = () => {
    if (checking) return;
    checking = true;
    check()
      .then(
        (health) => sendToSupervisor({ health }),
        (error: unknown) => log.warn({ err: error }, "health check failed"),
      )
      .finally(() => (checking = false));
  };
  report();
  const timer = setInterval(report, REPORT_EVERY_MS);
  return {
    close: async () => clearInterval(timer),
  };
}
