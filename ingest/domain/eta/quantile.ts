export interface Weighted {
  value: number;
  weight: number;
}

/** The value below which this share of the weight lies, between neighbours by a straight line. @param samples one at least */
export function weightedQuantile(samples: readonly Weighted[], share: number): number {
  const sorted = samples.toSorted((a, b) => a.value - b.value);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let below = 0;
  let before: { value: number; at: number } | undefined;
  for (const { value, weight } of sorted) {
    const at = (below + weight / 2) / total;
    if (at >= share) {
      if (before === undefined || at === before.at) return value;
      return before.value + ((value - before.value) * (share - before.at)) / (at - before.at);
    }
    before = { value, at };
    below += weight;
  }
  return before!.value;
}
