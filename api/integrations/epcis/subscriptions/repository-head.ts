import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Logger } from "pino";

/** How often those who follow the repository are told of new events, milliseconds. */
const LOOK_MS = 500;

/** The position of the newest event of the repository: one question for all who wait, and none while nobody does. */
export class RepositoryHead {
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  #position = 0;
  #isLooking = false;

  constructor(pool: Pool, log: Logger) {
    this.#pool = pool;
    this.#log = log;
  }

  async now(): Promise<number> {
    const { rows } = await this.#pool.query<{ position: number }>({
      name: "epcis_head",
      text: "SELECT coalesce(max(position), 0)::float8 AS position FROM epcis_events",
    });
    return rows[0]!.position;
  }

  /** The position before the first event that was recorded at a time or later. */
  async before(recordTime: Date): Promise<number> {
    const { rows } = await this.#pool.query<{ position: number }>({
      name: "epcis_position_before",
      text: `SELECT (position - 1)::float8 AS position FROM epcis_events WHERE record_time >= $1 ORDER BY record_time, position LIMIT 1`,
      values: [recordTime],
    });
    return rows[0]?.position ?? this.now();
  }

  /** Resolves with the newest position once it is after another; undefined when `closed`. */
  after(position: number, closed: AbortSignal): Promise<number | undefined> {
    return new Promise((resolve) => {
      const finish = (result: number | undefined) => {
        this.#changes.off("head", look);
        closed.removeEventListener("abort", end);
        resolve(result);
      };
      const look = () => this.#position > position && finish(this.#position);
      const end = () => finish(undefined);
      if (closed.aborted) return resolve(undefined);
      closed.addEventListener("abort", end, { once: true });
      this.#changes.on("head", look);
      void this.#look();
    });
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#changes.listenerCount("head") > 0) {
      try {
        this.#position = await this.now();
        this.#changes.emit("head");
      } catch (error) {
        this.#log.debug({ err: error }, "newest EPCIS position could not be read");
      }
      if (this.#changes.listenerCount("head") > 0) await sleep(LOOK_MS, undefined, { ref: false });
    }
    this.#isLooking = false;
  }
}
