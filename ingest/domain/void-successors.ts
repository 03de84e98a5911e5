import type { NewFact, Subject } from "./fact.ts";

/*
 * What readings give is known by its time too, and late readings may show that it happened some seconds earlier or later: then the fact
 * goes, and another of the same device, place and kind comes in its stead. If the first one was void, the other one is: a person
 * has said that this did not happen, and knows nothing of seconds.
 */

/** Late readings move an event by no more than this, milliseconds. */
const MOVED_MS = 10 * 60_000;

/** A fact that is void. */
export interface VoidFact {
  key: string;
  subject: Subject;
  type: NewFact["type"];
  /** epoch milliseconds */
  at: number;
  deviceId: string | null;
  locationId: number | null;
  vehicleId: number | null;
  /** the id of the fact that says so */
  voidedBy: number;
}

/** @returns by the key of each fact that comes in the stead of one that is void: by which fact it is void too */
export function voidSuccessors(gone: readonly VoidFact[], added: readonly NewFact[]): ReadonlyMap<string, number> {
  const successors = new Map<string, number>();
  for (const before of gone) {
    const candidates = added.filter((fact) => !successors.has(fact.key) && isSameEvent(before, fact));
    const [nearest] = candidates.toSorted(
      (a, b) => Math.abs(a.at - before.at) - Math.abs(b.at - before.at) || (a.key < b.key ? -1 : 1),
    );
    if (nearest !== undefined) successors.set(nearest.key, before.voidedBy);
  }
  return successors;
}

function isSameEvent(before: VoidFact, fact: NewFact): boolean {
  const place = (name: "locationId" | "vehicleId") => (fact.data as Record<string, unknown>)[name] ?? null;
  return (
    fact.subject === before.subject &&
    fact.type === before.type &&
    (fact.deviceId ?? null) === before.deviceId &&
    place("locationId") === before.locationId &&
    place("vehicleId") === before.vehicleId &&
    Math.abs(fact.at - before.at) <= MOVED_MS
  );
}
