/** Messages per second in the long run, and how many may arrive at once. */
export interface Rate {
  perSecond: number;
  burst: number;
}

/** How long a client must wait so that its long-run rate stays within bounds. It is made to wait; nothing is dropped. */
export interface TokenBucket {
  /** Counts `messages` just read. @returns milliseconds to pause before reading more */
  take(messages: number, nowMs: number): number;
}

/** Times are milliseconds of the monotonic clock. */
export type CreateTokenBucket = (rate: Rate, nowMs: number) => TokenBucket;
