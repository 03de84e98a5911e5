import type { Logger } from "pino";
import { type Health, sendToSupervisor } from "./ipc.ts";

const REPORT_EVERY_MS = 1_000;

/** Tells the supervisor, if there is one, how our components stand: now and every second. */
export function startHealthReports(look: () => Promise<Health>, log: Logger): { close(): Promise<void> } {
  let looking = false;
  const tell = () => {
    if (looking) return;
    looking = true;
    look()
      .then(
        (health) => sendToSupervisor({ health }),
        (error: unknown) => log.warn({ err: error }, "how the components stand cannot be told"),
      )
      .finally(() => (looking = false));
  };
  tell();
  const timer = setInterval(tell, REPORT_EVERY_MS);
  return {
    close: async () => clearInterval(timer),
  };
}
