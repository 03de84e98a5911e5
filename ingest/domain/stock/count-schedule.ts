/*
 * Which stock is counted by hand, and how often (ABC analysis).
 *
 * 1. Positions are ranked by the value of what was taken from them in the last 90 days. Those that make up the first 80 % of
 *    that value are class A, those up to 95 % class B, all others class C. What has no value counts as a cent a piece.
 * 2. A is counted every 30 days, B every 90, C every 365, from the last time a person counted it.
 * 3. What nobody has ever counted is due at a time of its own within its first interval, so that not all is due at once.
 * 4. Only positions that people book are scheduled. Scales and readers count theirs all the time, and a disagreement opens a
 *    count at once.
 * 5. No more than 20 scheduled counts are open at one place: the most overdue first.
 */

export type AbcClass = "A" | "B" | "C";

export const DAYS_BETWEEN: Readonly<Record<AbcClass, number>> = { A: 30, B: 90, C: 365 };
export const MAX_OPEN_AT_A_PLACE = 20;
const SHARE_OF_A = 0.8;
const SHARE_OF_B = 0.95;
const DAY_MS = 86_400_000;

/** A position that people book. Times in epoch milliseconds. */
export interface CountedPosition {
  id: number;
  locationId: number;
  /** null: never */
  lastCountedAt: number | null;
  createdAt: number;
}

/** The value of what was taken from a position; only of those where it is above zero. */
export interface Usage {
  id: number;
  valueCents: number;
}

/** Positions that are not in the result are class C. */
export function classesOf(usage: readonly Usage[]): Map<number, AbcClass> {
  const total = usage.reduce((sum, { valueCents }) => sum + valueCents, 0);
  const classes = new Map<number, AbcClass>();
  let before = 0;
  for (const { id, valueCents } of usage.toSorted((a, b) => b.valueCents - a.valueCents || a.id - b.id)) {
    classes.set(id, before < SHARE_OF_A * total ? "A" : before < SHARE_OF_B * total ? "B" : "C");
    before += valueCents;
  }
  return classes;
}

/** When a position is to be counted, epoch milliseconds. */
export function countDueAt({ id, lastCountedAt, createdAt }: CountedPosition, abc: AbcClass): number {
  const intervalMs = DAYS_BETWEEN[abc] * DAY_MS;
  return lastCountedAt === null ? createdAt + intervalMs * spreadOf(id) : lastCountedAt + intervalMs;
}

/** Between 0.5 and 1, evenly over consecutive ids: multiples of the golden ratio. */
const spreadOf = (id: number): number => 0.5 + ((id * 0.618_033_988_749_894_9) % 1) / 2;

/**
 * The positions to ask for now.
 * @param open how many scheduled counts are open at each location
 */
export function countsToOpen(
  positions: readonly CountedPosition[],
  classes: ReadonlyMap<number, AbcClass>,
  open: ReadonlyMap<number, number>,
  now: number,
): { id: number; abc: AbcClass }[] {
  const left = new Map<number, number>();
  return positions
    .map((position) => ({ position, abc: classes.get(position.id) ?? "C" }))
    .map((each) => ({ ...each, dueAt: countDueAt(each.position, each.abc) }))
    .filter(({ dueAt }) => dueAt <= now)
    .toSorted((a, b) => a.dueAt - b.dueAt || a.position.id - b.position.id)
    .flatMap(({ position: { id, locationId }, abc }) => {
      const room = left.get(locationId) ?? MAX_OPEN_AT_A_PLACE - (open.get(locationId) ?? 0);
      if (room <= 0) return [];
      left.set(locationId, room - 1);
      return [{ id, abc }];
    });
}
