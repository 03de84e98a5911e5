import type { Logger } from "pino";

/** shares of the journal's capacity at which the delay begins, and at which it is largest */
const DELAY_FROM = 1 / 8;
const MAX_DELAY_FROM = 1 / 2;
/** far below any keep alive, and too short for a person to notice */
const MAX_DELAY_MS = 200;
/** the newest segments are not trimmed, however far the consumers have read */
const UNTRIMMED_SEGMENTS = 2;

export interface JournalCapacity {
  maxBytes: number;
  segmentBytes: number;
}

/**
 * The least time between two flushes in milliseconds, 0 to 200. The more unread bytes the journal holds, the longer the
 * time, and the slower the PUBACKs: devices that wait for them send less while consumers catch up.
 */
export function ackDelayMs(heldBytes: number, { maxBytes, segmentBytes }: JournalCapacity): number {
  const unreadBytes = heldBytes - UNTRIMMED_SEGMENTS * segmentBytes;
  const share = unreadBytes / Math.max(1, maxBytes - UNTRIMMED_SEGMENTS * segmentBytes);
  if (share < DELAY_FROM) return 0;
  return Math.ceil(Math.min(1, (share - DELAY_FROM) / (MAX_DELAY_FROM - DELAY_FROM)) * MAX_DELAY_MS) || 1;
}

/** The current delay of PUBACKs. Logs when a slowdown begins and when it ends. */
export class AckThrottle {
  readonly #capacity: JournalCapacity;
  readonly #log: Logger;
  #delayMs = 0;

  constructor(capacity: JournalCapacity, log: Logger) {
    this.#capacity = capacity;
    this.#log = log;
  }

  get delayMs(): number {
    return this.#delayMs;
  }

  update(heldBytes: number): void {
    const before = this.#delayMs;
    this.#delayMs = ackDelayMs(heldBytes, this.#capacity);
    if (before === 0 && this.#delayMs > 0) {
      this.#log.warn({ heldBytes }, "journal: ingest is far behind: PUBACKs are slowed until it catches up");
    } else if (before > 0 && this.#delayMs === 0) this.#log.info("journal: PUBACKs are no longer slowed");
  }
}
