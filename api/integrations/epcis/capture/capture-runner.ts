import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";
import { runNextCapture } from "./run-capture.ts";

/** How often captures are looked for that another process has taken in, or had when it was killed. */
const INTERVAL_MS = 500;

/** Runs captures, one after the other. Any process that answers requests does: a capture needs none of a certain one. */
export class CaptureRunner {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #wake: () => void = () => undefined;

  constructor({ pool, log }: { pool: Pool; log: Logger }) {
    this.#pool = pool;
    this.#log = log;
    this.#running = this.#run();
  }

  /** Looks at once: something was taken in. */
  kick(): void {
    this.#wake();
  }

  /** Ends after the capture that runs. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    let lastError = "";
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      try {
        const onFault = (err: unknown) => this.#log.error({ err }, "an EPCIS capture failed; it is tried again");
        while (!signal.aborted && (await runNextCapture(this.#pool, onFault)));
        lastError = "";
      } catch (error) {
        // Postgres is away: what waits is still there when it comes back.
        const message = (error as Error).message;
        if (message !== lastError) this.#log.error({ err: error }, "EPCIS captures cannot run; trying again");
        lastError = message;
      }
      await Promise.race([woken, sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined)]);
    }
  }
}
