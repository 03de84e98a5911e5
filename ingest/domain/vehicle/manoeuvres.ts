/** What a driver may do too harshly. */
export const MANOEUVRES = ["braking", "acceleration", "cornering"] as const;
export type Manoeuvre = (typeof MANOEUVRES)[number];

/** A manoeuvre as one device has told it, or as its fixes tell. Epoch milliseconds. */
export interface SeenManoeuvre {
  what: Manoeuvre;
  at: number;
}

export type ManoeuvreCounts = Record<Manoeuvre, number>;

/** Two trackers, or a tracker and its fixes, that tell the same within so long tell of one manoeuvre, milliseconds. */
const SAME_MS = 10_000;

/** What a vehicle did between two times. @param seen by any device on it, in the order of time */
export function countManoeuvres(seen: readonly SeenManoeuvre[], from: number, to: number): ManoeuvreCounts {
  const counts: ManoeuvreCounts = { braking: 0, acceleration: 0, cornering: 0 };
  const lastAt = new Map<Manoeuvre, number>();
  for (const { what, at } of seen) {
    const last = lastAt.get(what);
    lastAt.set(what, at);
    if (at < from || at > to || (last !== undefined && at - last <= SAME_MS)) continue;
    counts[what] += 1;
  }
  return counts;
}
