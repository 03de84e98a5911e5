import type { NewFact } from "../fact.ts";

/**
 * Read points near each other read each other's tags. Weak reads, though there are several, of a tag that is still being
 * read somewhere else, and much stronger, are a neighbour's that leak in: they move nothing. Once it is no longer read
 * there it is where it still is read, weak as that may be.
 */

/** Weaker than this reads may be of a neighbour's tag, dBm. */
const WEAK_DBM = -65;
/** What half the distance makes in free space, dB. */
const MUCH_STRONGER_DB = 6;
/** Of the order in which a portal's antennas peaked: it came through, however weak. */
const CAME_THROUGH = 0.9;

type Seen = NewFact & { type: "seen" };

/** A fact that says something of the tag, or of anything else. */
export interface Told<F extends NewFact> {
  fact: F;
  /** of a `gone` fact: where the tag is still read, by the sighting that was left out before */
  stillAt?: F & Seen;
}

/** @param ordered facts by the time they happened; those without what leaks in from neighbours are returned */
export function withoutNeighbours<F extends NewFact>(ordered: readonly F[]): Told<F>[] {
  if (!ordered.some(isWeak)) return ordered.map((fact) => ({ fact }));
  const standing = new Map<string, F & Seen>();
  const leaking = new Map<string, F & Seen>();
  return ordered.flatMap((fact): Told<F>[] => {
    if (fact.type !== "seen" && fact.type !== "gone") return [{ fact }];
    const readAt = readPointOf(fact);
    const stood = standing.delete(readAt);
    leaking.delete(readAt);
    if (fact.type === "gone") {
      const stillAt = stood && fact.data.portal !== true ? strongest(leaking.values(), fact) : undefined;
      if (stillAt === undefined) return [{ fact }];
      leaking.delete(readPointOf(stillAt));
      standing.set(readPointOf(stillAt), stillAt);
      return [{ fact, stillAt }];
    }
    if (!isInside(fact)) return [{ fact }];
    const leaks = isWeak(fact) && [...standing.values()].some((other) => outshines(other, fact));
    (leaks ? leaking : standing).set(readAt, fact);
    return leaks ? [] : [{ fact }];
  });
}

function readPointOf({ subject, deviceId, data }: Pick<NewFact, "subject" | "deviceId"> & { data: object }): string {
  return `${subject} ${deviceId ?? ""} ${"locationId" in data ? String(data.locationId) : ""}`;
}

function isInside<F extends NewFact>(fact: F): fact is F & Seen {
  return fact.type === "seen" && fact.data.direction === "in" && fact.data.locationId !== null;
}

function isWeak(fact: NewFact): boolean {
  return isInside(fact) && (fact.data.dbm ?? 0) < WEAK_DBM && fact.confidence < CAME_THROUGH;
}

function outshines(other: Seen, fact: Seen): boolean {
  const { dbm = -Infinity } = other.data;
  const isElsewhere = other.subject === fact.subject && other.data.locationId !== fact.data.locationId;
  return isElsewhere && dbm >= (fact.data.dbm ?? 0) + MUCH_STRONGER_DB;
}

function strongest<F extends Seen>(sightings: Iterable<F>, { subject }: NewFact): F | undefined {
  return [...sightings]
    .filter((sighting) => sighting.subject === subject)
    .sort((a, b) => (b.data.dbm ?? 0) - (a.data.dbm ?? 0))[0];
}
