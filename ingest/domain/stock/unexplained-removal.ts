import type { NewFact } from "../fact.ts";

/*
 * Pieces that a scale saw taken from a shelf, and nothing explains (shrinkage, or a movement not recorded):
 *
 * 1. A removal is a scale count lower than the count before it.
 * 2. Filling a shelf is no removal: a hand adds its weight to the pieces it puts. Pieces that the scale counted as put in the
 *    30 s before are subtracted.
 * 3. These explain it, if they happened within two minutes before or after: a negative adjustment (a scan or a recorded
 *    movement), tags that left the place, and a person's count there. Pieces put back explain it within two minutes after.
 * 4. Pieces have no identity: each explains a piece of the removal that is nearest in time, and each piece only one. Removals within
 *    two minutes compete for them, each with what explains it.
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
 * @param facts of one stock position (any order), with all within four minutes of the removals in question
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
    const near = facts.filter(({ at }) => Math.abs(at - removal.at) <= JUDGED_BY_MS);
    const unexplained = unexplainedOf(removal, near);
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

/** Facts up to so far from a removal decide about it: of its neighbours, and of what explains those. */
export const JUDGED_BY_MS = 2 * EXPLANATION_WINDOW_MS;

interface Explanation {
  at: number;
  key: string;
  pieces: number;
  /** it explains removals from so long before it until so long after it */
  before: number;
  after: number;
}

/** Pieces of one removal that nothing explains. @param facts with all within four minutes of it */
function unexplainedOf(removal: Removal, facts: readonly NewFact[]): number {
  const isNear = ({ at }: NewFact) => Math.abs(at - removal.at) <= EXPLANATION_WINDOW_MS;
  // The person who counts stands at the shelf.
  if (facts.some((fact) => isNear(fact) && fact.type === "counted" && fact.data.source === "person")) return 0;
  const removals = facts.filter((fact): fact is Removal => isNear(fact) && isRemoval(fact));
  const missing = new Map(removals.map((each) => [each.key, removedBy(each)]));
  const left = new Map<string, number>();
  const pairs = facts.flatMap((fact) => {
    const explanation = explanationOf(fact);
    if (explanation === undefined) return [];
    left.set(fact.key, explanation.pieces);
    return removals.flatMap(({ key, at }) => {
      const distance = Math.abs(at - explanation.at);
      const isMeant = at > explanation.at ? at - explanation.at <= explanation.after : distance <= explanation.before;
      return isMeant ? [{ removal: key, at, explanation: fact.key, distance }] : [];
    });
  });
  pairs.sort(
    (a, b) =>
      a.distance - b.distance || a.at - b.at || compare(a.removal, b.removal) || compare(a.explanation, b.explanation),
  );
  for (const { removal: key, explanation } of pairs) {
    const pieces = Math.min(missing.get(key)!, left.get(explanation)!);
    missing.set(key, missing.get(key)! - pieces);
    left.set(explanation, left.get(explanation)! - pieces);
  }
  return missing.get(removal.key)!;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function explanationOf(fact: NewFact): Explanation | undefined {
  const both = { at: fact.at, key: fact.key, before: EXPLANATION_WINDOW_MS, after: EXPLANATION_WINDOW_MS };
  if (fact.type === "adjusted") return fact.data.delta < 0 ? { ...both, pieces: -fact.data.delta } : undefined;
  if (fact.type !== "counted") return undefined;
  const taken = -(fact.data.change ?? 0);
  if (fact.data.source === "rfid" && taken > 0) return { ...both, pieces: taken };
  if (fact.data.source === "scale" && taken < 0) return { ...both, pieces: -taken, after: FILLING_MS - 1 };
  return undefined;
}
