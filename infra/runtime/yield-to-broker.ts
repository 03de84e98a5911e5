import { getPriority, setPriority } from "node:os";
import type { Logger } from "pino";

/** A third of the weight of a process that does not yield. */
const YIELDING_BY = 5;
const LEAST_URGENT = 19;

/** Devices wait for the broker, nobody waits for ingest: where both want the processor, the broker gets it. */
export function yieldToBroker(log: Logger): void {
  try {
    setPriority(Math.min(LEAST_URGENT, getPriority() + YIELDING_BY));
  } catch (error) {
    log.warn({ err: error }, "this process may not lower its priority; under full load PUBACKs wait for it");
  }
}
