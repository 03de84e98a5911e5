/** Latency histogram with buckets that grow by 1 %: percentiles are exact to 1 % and memory stays at a few kilobytes. */
export interface Latencies {
  record(ms: number): void;
  /** @param share 0 to 1; undefined when nothing was recorded */
  percentile(share: number): number | undefined;
}

const GROWTH = Math.log(1.01);
const SMALLEST_MS = 0.01;

export function createLatencies(): Latencies {
  const buckets = new Map<number, number>();
  let count = 0;
  return {
    record(ms) {
      const bucket = Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / GROWTH);
      buckets.set(bucket, (buckets.get(bucket) ?? 0) + 1);
      count += 1;
    },
    percentile(share) {
      let rest = Math.ceil(count * share);
      for (const [bucket, held] of [...buckets].sort(([a], [b]) => a - b)) {
        rest -= held;
        if (rest <= 0) return SMALLEST_MS * Math.exp(bucket * GROWTH);
      }
      return undefined;
    },
  };
}
