import type { NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";

/*
 * Several trackers on one vehicle are one vehicle. Each of them tells of the same stay in a place, some seconds apart:
 *
 * 1. The arrival and the departure that one tracker tells of a place are a stay. Stays of different trackers at one place
 *    that overlap, or lie within two minutes of each other, are one stay.
 * 2. Its arrival and its departure are those of the best tracker that tells them: the one with the most facts of this
 *    vehicle, then the one whose id comes first. One that was silent meanwhile knows only between which times: then another's
 *    is better.
 * 3. A passing that another tracker tells as a stay, or within two minutes of the same passing, is left out.
 * 4. Of drives only those of the best tracker count that lie within the time it was heard; others fill its gaps.
 * 5. Where one place adjoins another, a vehicle leaves the first before it enters the second: a departure that is told up to
 *    two minutes after the next arrival has happened just before it. A place that it entered after the other lies in that one, as a
 *    shop in a retail park: it is left when it is left.
 */

/** Trackers differ by their clocks and their intervals by no more than this, milliseconds. */
const APART_MS = 120_000;

type Crossing = NewFact & { type: "arrived" | "departed" };

/** A stay as one tracker tells it. */
interface Stay<F extends NewFact> {
  deviceId: string;
  locationId: number;
  arrived?: F;
  departed?: F;
}

/** @param facts of one vehicle, in order of time */
export function mergeTrackers<F extends NewFact>(facts: readonly F[]): F[] {
  const trackers = new Map<string, number>();
  for (const { deviceId = "" } of facts) trackers.set(deviceId, (trackers.get(deviceId) ?? 0) + 1);
  if (trackers.size <= 1) return departBeforeArriving(facts);
  const ranked = [...trackers].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1)).map(([id]) => id);
  const rank = new Map(ranked.map((id, index) => [id, index]));
  const groups = groupStays(staysOf(facts));
  const kept = new Set<F>();
  for (const group of groups) {
    const byRank = group.toSorted((a, b) => rank.get(a.deviceId)! - rank.get(b.deviceId)!);
    const arrived = bestOf(byRank.map((stay) => stay.arrived));
    const departed = bestOf(byRank.map((stay) => stay.departed));
    if (arrived) kept.add(arrived);
    if (departed) kept.add(departed);
  }
  for (const fact of keepPassings(facts, groups, rank)) kept.add(fact);
  for (const fact of keepDrives(facts, ranked)) kept.add(fact);
  return departBeforeArriving(facts.filter((fact) => kept.has(fact)));
}

function staysOf<F extends NewFact>(facts: readonly F[]): Stay<F>[] {
  const open = new Map<string, Stay<F>>();
  const stays: Stay<F>[] = [];
  for (const fact of facts) {
    if (!isCrossing(fact)) continue;
    const { deviceId = "" } = fact;
    const { locationId } = fact.data;
    const key = `${deviceId} ${locationId}`;
    let stay = open.get(key);
    if (stay === undefined || fact.type === "arrived") {
      stay = { deviceId, locationId };
      stays.push(stay);
      open.set(key, stay);
    }
    if (fact.type === "arrived") stay.arrived = fact;
    else {
      stay.departed = fact;
      open.delete(key);
    }
  }
  return stays;
}

/** Step 1; each group holds stays of one place, at most one of each tracker. */
function groupStays<F extends NewFact>(stays: readonly Stay<F>[]): Stay<F>[][] {
  const groups: Stay<F>[][] = [];
  for (const stay of stays) {
    const group = groups.findLast(
      (known) =>
        known[0]!.locationId === stay.locationId &&
        known.every(({ deviceId }) => deviceId !== stay.deviceId) &&
        known.some((other) => startOf(stay) <= endOf(other) + APART_MS && startOf(other) <= endOf(stay) + APART_MS),
    );
    if (group) group.push(stay);
    else groups.push([stay]);
  }
  return groups;
}

/** Step 2. @param told by the best tracker first */
function bestOf<F extends NewFact>(told: readonly (F | undefined)[]): F | undefined {
  const known = told.filter((fact) => fact !== undefined);
  return known.find(({ data }) => !("between" in data) || data.between === undefined) ?? known[0];
}

function startOf({ arrived }: Stay<NewFact>): number {
  return arrived?.at ?? -Infinity;
}

function endOf({ departed }: Stay<NewFact>): number {
  return departed?.at ?? Infinity;
}

/** Step 3. */
function keepPassings<F extends NewFact>(
  facts: readonly F[],
  groups: readonly Stay<F>[][],
  rank: ReadonlyMap<string, number>,
): F[] {
  const kept: F[] = [];
  const passings = facts.filter((fact) => fact.type === "passed");
  for (const fact of passings.toSorted((a, b) => rank.get(a.deviceId ?? "")! - rank.get(b.deviceId ?? "")!)) {
    const { locationId } = fact.data as { locationId: number };
    const isStay = groups.some((group) =>
      group.some(
        (stay) =>
          stay.locationId === locationId && startOf(stay) <= fact.at + APART_MS && fact.at <= endOf(stay) + APART_MS,
      ),
    );
    const isKnown = kept.some(
      (other) => (other.data as { locationId: number }).locationId === locationId && near(other, fact),
    );
    if (!isStay && !isKnown) kept.push(fact);
  }
  return kept;
}

/** Step 4. */
function keepDrives<F extends NewFact>(facts: readonly F[], ranked: readonly string[]): F[] {
  const [best] = ranked;
  const heard = facts.filter(({ deviceId = "" }) => deviceId === best).map(({ at }) => at);
  const [from, to] = [Math.min(...heard), Math.max(...heard)];
  return facts.filter(
    ({ type, deviceId = "", at }) =>
      (type === "trip" || type === "trip_started") && (deviceId === best || at < from - APART_MS || at > to + APART_MS),
  );
}

/** Step 5. */
function departBeforeArriving<F extends NewFact>(facts: readonly F[]): F[] {
  const inside = new Set<number>();
  let isMoved = false;
  const moved = facts.map((fact, index) => {
    if (!isCrossing(fact)) return fact;
    const { locationId } = fact.data;
    if (fact.type === "arrived") {
      inside.add(locationId);
      return fact;
    }
    inside.delete(locationId);
    const before = facts.slice(0, index);
    // The last arrival, unless it is at this very place.
    const arrival = before.findLast(({ type }) => type === "arrived");
    const isLate = arrival !== undefined && fact.at - arrival.at <= APART_MS && fact.at >= arrival.at;
    if (!isLate || !inside.has((arrival.data as { locationId: number }).locationId)) return fact;
    isMoved = true;
    return { ...fact, at: arrival.at - 1 };
  });
  return isMoved ? moved.sort(byEventTime) : moved;
}

function isCrossing<F extends NewFact>(fact: F): fact is F & Crossing {
  return fact.type === "arrived" || fact.type === "departed";
}

function near(a: NewFact, b: NewFact): boolean {
  return Math.abs(a.at - b.at) <= APART_MS;
}
