/** a flush that carried this many messages found the disk busy: the next one waits a little for company */
const BUSY_MESSAGES = 8;
/** enough company, however many came along last time */
const ENOUGH_BYTES = 256 * 1024;

/**
 * When to flush. An idle disk is flushed to at once. A busy one gets a pause of up to `lingerMs` after each flush, so
 * that thousands of messages a second share a sync; the pause ends early when as many are waiting as came lately, since
 * their senders may all be waiting for this very flush. While consumers are far behind, every flush waits longer,
 * however many are waiting.
 */
export class FlushPolicy {
  readonly #lingerMs: number;
  readonly #ackThrottle: { readonly delayMs: number };
  readonly #flush: () => void;
  #starting: NodeJS.Immediate | undefined;
  #linger: NodeJS.Timeout | undefined;
  #last = 0;
  #lastEndedAt = 0;
  /** the largest of the recent flushes, fading */
  #usual = 0;

  constructor(lingerMs: number, ackThrottle: { readonly delayMs: number }, flush: () => void) {
    this.#lingerMs = lingerMs;
    this.#ackThrottle = ackThrottle;
    this.#flush = flush;
  }

  /** Call at every append and after every flush that left something waiting. */
  schedule(waiting: { messages: number; bytes: number }): void {
    if (this.#starting) return;
    const slowedMs = this.#ackThrottle.delayMs;
    const crowded = slowedMs === 0 && (waiting.messages >= this.#usual || waiting.bytes >= ENOUGH_BYTES);
    if (this.#linger && !crowded) return;
    const lingerMs = this.#last >= BUSY_MESSAGES && !crowded ? this.#lingerMs : 0;
    const pauseMs = Math.max(lingerMs, slowedMs);
    const wait = pauseMs > 0 ? this.#lastEndedAt + pauseMs - performance.now() : 0;
    if (wait > 0) this.#linger = setTimeout(() => this.#start(), wait);
    // Not this very moment: what else comes out of the same sockets' buffers goes along.
    else this.#starting = setImmediate(() => this.#start());
  }

  /** Tells how many messages a flush carried when it has ended. */
  recordFlush(messages: number): void {
    this.#last = messages;
    this.#lastEndedAt = performance.now();
    this.#usual = Math.max(messages, this.#usual * 0.95);
  }

  #start(): void {
    clearTimeout(this.#linger);
    this.#linger = undefined;
    this.#starting = undefined;
    this.#flush();
  }
}
