/** The fields that tell one reading of a device from another (with the device and the kind). */
export interface ReadingIdentity {
  ts?: number;
  seq?: number;
  epc?: string;
  antenna?: number;
}

/** Distinct readings of one device, counted as they are acknowledged. */
export interface DistinctCount {
  add(kind: string, reading: ReadingIdentity): void;
  count(): number;
}

/** A repeat follows within seconds: this many readings back it is still known as one. */
const RECENT_LIMIT = 4_000;

export function countDistinct(): DistinctCount {
  // A Set keeps the order of insertion: its first is the oldest.
  const recent = new Set<string>();
  let count = 0;
  return {
    add(kind, { ts, seq, epc, antenna }) {
      const identity = `${kind} ${ts} ${seq ?? ""} ${epc ?? ""} ${antenna ?? ""}`;
      if (recent.has(identity)) return;
      recent.add(identity);
      count += 1;
      if (recent.size <= RECENT_LIMIT) return;
      for (const oldest of recent) {
        recent.delete(oldest);
        return;
      }
    },
    count: () => count,
  };
}
