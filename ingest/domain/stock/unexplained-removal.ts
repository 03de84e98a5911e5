import type { NewFact } from "../fact.ts";

/**
 * Pieces that a scale saw taken from a shelf, and nothing says by whom: no scan or slip, no tag that left, nobody who
 * counted there, and nobody put them back. The explanation may come before the weight settles or after; once it could
 * have come, its absence is a fact. It stays one only as long as no explanation turns up.
 */
export const EXPLAINED_WITHIN_MS = 120_000;

/** Named like this file. */
export const REMOVALS = "unexplained-removal";

type Removal = NewFact & { type: "counted" };

/**
 * @param facts of one stock position (any order): all that happened within reach of the removals asked for
 * @param happened which removals are asked for, by their time (epoch milliseconds)
 * @returns one fact for each removal with something unexplained about it; its time is when an explanation was due
 */
export function unexplainedRemovals(
  stockId: number,
  facts: readonly NewFact[],
  happened: (at: number) => boolean,
): NewFact[] {
  return facts.flatMap((removal): NewFact[] => {
    if (!isRemoval(removal) || !happened(removal.at)) return [];
    const near = facts.filter(({ at }) => Math.abs(at - removal.at) <= EXPLAINED_WITHIN_MS);
    const missing = Math.min(takenBy(removal), missingAmong(near, removal));
    if (missing <= 0) return [];
    const { key, at, data, evidence, confidence, deviceId } = removal;
    const dueAt = at + EXPLAINED_WITHIN_MS;
    return [
      {
        key: `unexplained:${key}`,
        subject: `removals:${stockId}`,
        at: dueAt,
        type: "unexplained_removal",
        data: { quantity: missing, since: at, before: data.quantity + takenBy(removal), after: data.quantity },
        rule: REMOVALS,
        evidence,
        confidence,
        signal: REMOVALS,
        concludedAt: dueAt,
        ...(deviceId !== undefined && { deviceId }),
      },
    ];
  });
}

function isRemoval(fact: NewFact): fact is Removal {
  return fact.type === "counted" && fact.data.source === "scale" && takenBy(fact) > 0;
}

/** Pieces taken (positive) or put (negative), as far as the sensor has seen it. */
function takenBy({ data }: Removal): number {
  return -(data.change ?? 0);
}

/** All removals of the time together against everything that explains some: pieces carry no names. */
function missingAmong(near: readonly NewFact[], removal: Removal): number {
  let missing = 0;
  for (const fact of near) {
    if (fact.type === "adjusted" && fact.data.delta < 0) missing += fact.data.delta;
    if (fact.type !== "counted") continue;
    const { source } = fact.data;
    // Whoever counts stands before the shelf.
    if (source === "person") return 0;
    if (source === "rfid") missing -= Math.max(0, takenBy(fact));
    const isPutBack = takenBy(fact) < 0 && fact.at > removal.at;
    if (source === "scale" && (isRemoval(fact) || isPutBack)) missing += takenBy(fact);
  }
  return missing;
}
