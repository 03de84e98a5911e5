import type { Logger } from "pino";
import { type Conditions, report } from "./ipc.ts";

const EVERY_MS = 1_000;

/** Tells the supervisor, if there is one, how our parts stand: now and every second. */
export function reportRegularly(look: () => Promise<Conditions>, log: Logger): { close(): Promise<void> } {
  let looking = false;
  const tell = () => {
    if (looking) return;
    looking = true;
    look()
      .then(
        (conditions) => report({ conditions }),
        (error: unknown) => log.warn({ err: error }, "how the parts stand cannot be told"),
      )
      .finally(() => (looking = false));
  };
  tell();
  const timer = setInterval(tell, EVERY_MS);
  return {
    close: async () => clearInterval(timer),
  };
}
