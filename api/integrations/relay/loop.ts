import type { Logger } from "pino";

/** A loop that calls `tick` again, at once while it had work to do, and after a growing delay while it fails. */
export interface RelayLoop {
  lastError(): string | undefined;
  ticks(): number;
  close(): Promise<void>;
}
export type StartLoop = (name: string, tick: () => Promise<boolean>, log: Logger, idleMs: number) => RelayLoop;
