/** The fields that, with device and kind, identify a reading. */
export interface ReadingIdentity {
  ts?: number;
  seq?: number;
  epc?: string;
  antenna?: number;
}

/** Counts the distinct acknowledged readings of one device. */
export interface DistinctCount {
  add(kind: string, reading: ReadingIdentity): void;
  count(): number;
}

/** Duplicates follow within seconds, so remembering this many readings is enough. */
const RECENT_LIMIT = 4_000;

export function countDistinct(): DistinctCount {
  // A Set keeps insertion order: its first entry is the oldest.
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
