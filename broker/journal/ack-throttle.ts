import type { Logger } from "pino";

/** this share of the journal's room may fill before publishers feel it; half of it, and they feel it fully */
const FELT_FROM = 1 / 8;
const FULLY_FROM = 1 / 2;
/** least time between two flushes once it is felt fully: far below any keep alive, and below what a person notices */
const MOST_MS = 200;
/** of the newest segments nothing is trimmed, however far consumers have come */
const UNTRIMMED_SEGMENTS = 2;

export interface JournalCapacity {
  maxBytes: number;
  segmentBytes: number;
}

/**
 * How long a flush waits for the one before, milliseconds, so that PUBACKs come the slower the further consumers are
 * behind: the journal holds what they have not done yet. 0 in ordinary operation, never more than 200.
 */
export function ackDelayMs(heldBytes: number, { maxBytes, segmentBytes }: JournalCapacity): number {
  const behind = heldBytes - UNTRIMMED_SEGMENTS * segmentBytes;
  const share = behind / Math.max(1, maxBytes - UNTRIMMED_SEGMENTS * segmentBytes);
  if (share < FELT_FROM) return 0;
  return Math.ceil(Math.min(1, (share - FELT_FROM) / (FULLY_FROM - FELT_FROM)) * MOST_MS) || 1;
}

/** Says aloud when PUBACKs begin to be slowed, and when they no longer are. */
export class AckThrottle {
  readonly #room: JournalCapacity;
  readonly #log: Logger;
  #ms = 0;

  constructor(room: JournalCapacity, log: Logger) {
    this.#room = room;
    this.#log = log;
  }

  get delayMs(): number {
    return this.#ms;
  }

  update(heldBytes: number): void {
    const before = this.#ms;
    this.#ms = ackDelayMs(heldBytes, this.#room);
    if (before === 0 && this.#ms > 0) {
      this.#log.warn({ heldBytes }, "journal: ingest is far behind: PUBACKs are slowed until it catches up");
    } else if (before > 0 && this.#ms === 0) this.#log.info("journal: PUBACKs are no longer slowed");
  }
}
