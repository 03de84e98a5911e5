/** after a flush of this many messages the disk counts as busy, and the next flush lingers for more messages */
const BUSY_MESSAGES = 8;
/** a batch of this size is flushed without lingering */
const FULL_BATCH_BYTES = 256 * 1024;

/**
 * Decides when to flush. On an idle disk a flush starts at once. On a busy one it lingers up to `lingerMs` after the flush
 * before, so that thousands of messages a second share a sync. It starts early when as many messages wait as in recent
 * flushes, since all their senders may be waiting for it. While the ack throttle is active, every flush waits longer,
 * however many messages wait.
 */
export class FlushPolicy {
  readonly #lingerMs: number;
  readonly #ackThrottle: { readonly delayMs: number };
  readonly #flush: () => void;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastMessages = 0;
  #lastFlushEndedAtMs = 0;
  /** messages of the largest recent flush; decays by 5 % with each flush */
  #recentMaxMessages = 0;

  constructor(lingerMs: number, ackThrottle: { readonly delayMs: number }, flush: () => void) {
    this.#lingerMs = lingerMs;
    this.#ackThrottle = ackThrottle;
    this.#flush = flush;
  }

  /** Schedules the next flush. Called at every append, and after a flush where messages are waiting. */
  schedule(waiting: { messages: number; bytes: number }): void {
    if (this.#immediate) return;
    const throttleMs = this.#ackThrottle.delayMs;
    const batchIsFull =
      throttleMs === 0 && (waiting.messages >= this.#recentMaxMessages || waiting.bytes >= FULL_BATCH_BYTES);
    if (this.#timer && !batchIsFull) return;
    const lingerMs = this.#lastMessages >= BUSY_MESSAGES && !batchIsFull ? this.#lingerMs : 0;
    const intervalMs = Math.max(lingerMs, throttleMs);
    const waitMs = intervalMs > 0 ? this.#lastFlushEndedAtMs + intervalMs - performance.now() : 0;
    if (waitMs > 0) this.#timer = setTimeout(() => this.#start(), waitMs);
    // In the next turn of the event loop: messages in the same sockets' buffers then join this flush.
    else this.#immediate = setImmediate(() => this.#start());
  }

  /** Called when a flush has ended. @param messages the number it carried */
  recordFlush(messages: number): void {
    this.#lastMessages = messages;
    this.#lastFlushEndedAtMs = performance.now();
    this.#recentMaxMessages = Math.max(messages, this.#recentMaxMessages * 0.95);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#immediate = undefined;
    this.#flush();
  }
}
