/** A histogram of durations in buckets of 50 µs: millions of them cost no memory and no garbage. */
export class Latencies {
  readonly #buckets = new Uint32Array(LONGEST_MS / BUCKET_MS + 1);
  #count = 0;

  add(milliseconds: number): void {
    const bucket = Math.min(this.#buckets.length - 1, Math.max(0, Math.floor(milliseconds / BUCKET_MS)));
    this.#buckets[bucket]! += 1;
    this.#count += 1;
  }

  clear(): void {
    this.#buckets.fill(0);
    this.#count = 0;
  }

  /** The quantile in milliseconds, `share` from 0 to 1; undefined when the histogram is empty. */
  quantile(share: number): number | undefined {
    if (this.#count === 0) return undefined;
    let remaining = share * this.#count;
    for (const [bucket, count] of this.#buckets.entries()) {
      remaining -= count;
      if (remaining <= 0) return (bucket + 1) * BUCKET_MS;
    }
    return LONGEST_MS;
  }
}

const BUCKET_MS = 0.05;
const LONGEST_MS = 60_000;
