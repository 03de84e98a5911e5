import type { NewFact } from "../fact.ts";

/*
 * Pieces that a scale saw taken from a shelf, and nothing explains (shrinkage, or a movement not recorded):
 *
 * 1. A removal is a scale count lower than the count before it.
 * 2. Filling a shelf is no removal: a hand adds its weight to the pieces it puts. Pieces that the scale counted as put in the
 *    30 s before are subtracted.
 * 3. These explain it, if they happened within two minutes before or after: a negative adjustment (a scan or a recorded
 *    movement), tags that left the place, and a person's count there. Pieces put back explain it within two minutes after.
 * 4. Explanations are summed over all removals of that time, because pieces have no identity.
 * 5. The rest is a fact, at the time the last explanation was due. An explanation that becomes known later withdraws it.
 *
 * Example: the scale counts 10 → 7 at 09:10:00, and a scan adjusts by −1 at 09:09: 2 pieces are unexplained at 09:12:00.
 */
export const EXPLANATION_WINDOW_MS = 120_000;

/** So long after pieces were put, fewer pieces are the end of that, milliseconds. */
export const FILLING_MS = 30_000;

/** Name of the rule and of the signal. */
export const UNEXPLAINED_REMOVAL = "unexplained-removal";

type Removal = NewFact & { type: "counted" };

/**
 * @param facts of one stock position (any order), with all within two minutes of the removals in question
 * @param isAsked which removals are in question, by the time they happened (epoch milliseconds)
 * @returns one fact for each removal that is not wholly explained
 */
export function unexplainedRemovals(
  stockId: number,
  facts: readonly NewFact[],
  isAsked: (at: number) => boolean,
): NewFact[] {
  return facts.flatMap((removal): NewFact[] => {
    if (!isRemoval(removal) || !isAsked(removal.at)) return [];
    const near = facts.filter(({ at }) => Math.abs(at - removal.at) <= EXPLANATION_WINDOW_MS);
    const unexplained = Math.min(removedBy(removal), unexplainedAmong(near, removal));
    if (unexplained <= 0) return [];
    const { key, at, data, evidence, confidence, deviceId } = removal;
    const dueAt = at + EXPLANATION_WINDOW_MS;
    return [
      {
        key: `unexplained:${key}`,
        subject: `removals:${stockId}`,
        at: dueAt,
        type: "unexplained_removal",
        data: { quantity: unexplained, since: at, before: data.quantity + removedBy(removal), after: data.quantity },
        rule: UNEXPLAINED_REMOVAL,
        evidence,
        confidence,
        signal: UNEXPLAINED_REMOVAL,
        concludedAt: dueAt,
        ...(deviceId !== undefined && { deviceId }),
      },
    ];
  });
}

function isRemoval(fact: NewFact): fact is Removal {
  return fact.type === "counted" && fact.data.source === "scale" && removedBy(fact) > 0;
}

/** Pieces taken (positive) or put (negative) since the sensor's count before; 0 when it had none. */
function removedBy({ data }: Removal): number {
  return -(data.change ?? 0);
}

/** Pieces taken by all removals of that time, less those that something explains. */
function unexplainedAmong(near: readonly NewFact[], removal: Removal): number {
  let missing = 0;
  for (const fact of near) {
    if (fact.type === "adjusted" && fact.data.delta < 0) missing += fact.data.delta;
    if (fact.type !== "counted") continue;
    const { source } = fact.data;
    // The person who counts stands at the shelf.
    if (source === "person") return 0;
    if (source === "rfid") missing -= Math.max(0, removedBy(fact));
    const isPutBack = removedBy(fact) < 0 && fact.at > removal.at - FILLING_MS;
    if (source === "scale" && (isRemoval(fact) || isPutBack)) missing += removedBy(fact);
  }
  return missing;
}
