import type { NewFact } from "../fact.ts";
import { TAG_CONFIDENCE } from "../tag-confidence.ts";
import { filterNeighbouringGates } from "./neighbouring-gates.ts";

/*
 * Read points close to each other read each other's tags (cross-reads). How the fold tells them apart:
 *
 * 1. A pass that a neighbouring gate outweighs is left out before anything else (neighbouring-gates.ts).
 * 2. A read inside a place is weak below −65 dBm, unless the order of a portal's antennas shows that the tag came in.
 * 3. A weak read is a cross-read while another location reads the same tag at least 6 dB stronger: it moves nothing.
 * 4. When the tag is gone from that other location, it is where it is still read, however weakly: the strongest
 *    cross-read takes effect at the time of the `gone` fact. A tag that leaves through a portal is not looked for.
 */

/** Reads weaker than this may be cross-reads, dBm. */
const WEAK_DBM = -65;
/** Gain at half the distance in free space, dB. */
const MUCH_STRONGER_DB = 6;

type Seen = NewFact & { type: "seen" };

/** A fact that is no cross-read. */
export interface FilteredFact<F extends NewFact> {
  fact: F;
  /** of a `gone` fact: the earlier cross-read that shows where the tag is still read */
  stillReadAt?: F & Seen;
}

/** @param facts of any kind, by the time they happened; all but the cross-reads are returned */
export function filterCrossReads<F extends NewFact>(facts: readonly F[]): FilteredFact<F>[] {
  const ordered = filterNeighbouringGates(facts);
  if (!ordered.some(isWeak)) return ordered.map((fact) => ({ fact }));
  const current = new Map<string, F & Seen>();
  const crossReads = new Map<string, F & Seen>();
  return ordered.flatMap((fact): FilteredFact<F>[] => {
    if (fact.type !== "seen" && fact.type !== "gone") return [{ fact }];
    const readPoint = readPointOf(fact);
    const wasCurrent = current.delete(readPoint);
    crossReads.delete(readPoint);
    if (fact.type === "gone") {
      const stillReadAt = wasCurrent && fact.data.portal !== true ? strongest(crossReads.values(), fact) : undefined;
      if (stillReadAt === undefined) return [{ fact }];
      crossReads.delete(readPointOf(stillReadAt));
      current.set(readPointOf(stillReadAt), stillReadAt);
      return [{ fact, stillReadAt }];
    }
    if (!isInside(fact)) return [{ fact }];
    const isCrossRead = isWeak(fact) && [...current.values()].some((other) => isMuchStronger(other, fact));
    (isCrossRead ? crossReads : current).set(readPoint, fact);
    return isCrossRead ? [] : [{ fact }];
  });
}

function readPointOf({ subject, deviceId, data }: Pick<NewFact, "subject" | "deviceId"> & { data: object }): string {
  return `${subject} ${deviceId ?? ""} ${"locationId" in data ? String(data.locationId) : ""}`;
}

function isInside<F extends NewFact>(fact: F): fact is F & Seen {
  return fact.type === "seen" && fact.data.direction === "in" && fact.data.locationId !== null;
}

function isWeak(fact: NewFact): boolean {
  return isInside(fact) && (fact.data.rssiDbm ?? 0) < WEAK_DBM && fact.confidence < TAG_CONFIDENCE.pass;
}

/** Whether `other` is of the same tag at another location, and at least 6 dB stronger. */
function isMuchStronger(other: Seen, fact: Seen): boolean {
  const { rssiDbm = -Infinity } = other.data;
  const isElsewhere = other.subject === fact.subject && other.data.locationId !== fact.data.locationId;
  return isElsewhere && rssiDbm >= (fact.data.rssiDbm ?? 0) + MUCH_STRONGER_DB;
}

function strongest<F extends Seen>(reads: Iterable<F>, { subject }: NewFact): F | undefined {
  return [...reads]
    .filter((read) => read.subject === subject)
    .sort((a, b) => (b.data.rssiDbm ?? 0) - (a.data.rssiDbm ?? 0))[0];
}
