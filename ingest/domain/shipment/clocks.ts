import type { FactData, NewFact, ScanAction } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import type { FilteredFact } from "./cross-reads.ts";
import { READER_ABOARD } from "./reader-aboard.ts";
import { fenceOf, isAtDestination } from "./place-parts.ts";
import type { StepContext } from "./state.ts";
import type { VehicleStay } from "./vehicle-track.ts";

/*
 * The clocks of gates and scanners may be off by a minute, and goods come and go only while their vehicle is there. Of what
 * is told up to two minutes too early or too late:
 *
 * 1. A pass inward, an unloading or a scan at a place that is told before the vehicle arrives there happened at the arrival,
 *    unless the goods were loaded again before that. People give times to the minute.
 * 2. The same at the destination, told after the vehicle has left it, happened just before the departure. At another
 *    place such a pass moves nothing (tag-evidence.ts): there the goods may have been loaded.
 * 3. An unloading by the scanner on the vehicle, which names no place, happened at the arrival or just before the departure
 *    that is nearest in time. If the goods were loaded onto another vehicle in the two minutes before, and not onto this one again, it
 *    happened just before that.
 * 4. A reader on a vehicle hears a tag no more: it was last heard some time ago. If the vehicle has left the place since where it was
 *    heard, the goods were taken off there, just before that departure. Not if it was heard again before the vehicle came to a place: then
 *    the reader only paused. If the goods were loaded after it was heard, the reader hears badly, and its silence is of before that.
 *
 * Example: the gate is 60 s behind, and tells the pass at 1,155 s. The vehicle arrives at 1,200 s: delivered at 1,200 s.
 */

/** The clock of a gate or a scanner, against the fixes of a vehicle, milliseconds. */
export const CLOCK_MS = 120_000;

/** @returns the same facts by the time they happened */
export function alignClocks<F extends NewFact>(
  facts: readonly FilteredFact<F>[],
  context: StepContext,
): readonly FilteredFact<F>[] {
  let isMoved = false;
  const aligned = facts.map((filtered) => {
    const at = timeOf(filtered.fact, facts, context);
    if (at === filtered.fact.at) return filtered;
    isMoved = true;
    return { ...filtered, fact: { ...filtered.fact, at } };
  });
  return isMoved ? aligned.sort((a, b) => byEventTime(a.fact, b.fact)) : facts;
}

function timeOf(fact: NewFact, facts: readonly FilteredFact<NewFact>[], context: StepContext): number {
  const { at } = fact;
  const place = placeOfArrival(fact);
  if (place !== null) {
    const stays = context.tracks.staysIn(fenceOf(place, context));
    if (isDuring(stays, at)) return at;
    const departure = isAtDestination(place, context) ? lastDeparture(stays, at) : -Infinity;
    const arrival = nextArrival(stays, at);
    if (arrival - at <= CLOCK_MS) return isTakenBetween(facts, at, arrival) ? at : arrival;
    return at - departure <= CLOCK_MS ? departure - 1 : at;
  }
  if (fact.type === "gone" && fact.data.vehicleId !== undefined) {
    return takenOffAt(fact, fact.data.vehicleId, facts, context);
  }
  if (!isUnloadedFromVehicle(fact)) return at;
  const { vehicleId } = fact.data;
  const onto = facts.flatMap(({ fact: other }) => (other.at <= at ? (loadedOnto(other, vehicleId) ?? []) : [])).at(-1);
  if (onto !== undefined && onto.vehicleId !== vehicleId && at - onto.at <= CLOCK_MS) return onto.at - 1;
  const { stays } = context.tracks.of(fact.data.vehicleId!);
  if (isDuring(stays, at)) return at;
  const [arrival, departure] = [nextArrival(stays, at), lastDeparture(stays, at)];
  if (Math.min(arrival - at, at - departure) > CLOCK_MS) return at;
  return arrival - at < at - departure ? arrival : departure - 1;
}

/** Where goods came in by a gate, or were put down by a person or the place's own scanner. */
export function placeOfArrival(fact: NewFact): number | null {
  switch (fact.type) {
    case "seen":
      return isPassInward(fact.data) ? fact.data.locationId : null;
    case "unloaded":
      return fact.data.locationId;
    case "scanned":
      return isPuttingDown(fact.data.action) ? fact.data.locationId : null;
    default:
      return null;
  }
}

function isPassInward({ portal, direction, likely }: FactData["seen"]): boolean {
  return portal === true && (direction === "in" || likely === "in");
}

function isPuttingDown(action: ScanAction | null): boolean {
  return action === "unload" || action === "receive" || action === "deliver";
}

/** What was loaded again in between, or placed by a person, is not put down after that. */
function isTakenBetween(facts: readonly FilteredFact<NewFact>[], from: number, to: number): boolean {
  return facts.some(({ fact: { at, type, data } }) => {
    const isTaking =
      type === "loaded" || type === "manual" || (type === "scanned" && "action" in data && data.action === "load");
    return isTaking && at > from && at <= to;
  });
}

/** Step 4. @returns when the goods were taken off, or the time of the fact */
function takenOffAt(
  fact: NewFact & { type: "gone" },
  vehicleId: number,
  facts: readonly FilteredFact<NewFact>[],
  { tracks }: StepContext,
): number {
  const { at, subject } = fact;
  const { since, last } = fact.data;
  // It was loaded after that, out of the reader's hearing: what the reader no longer hears is of before.
  if (isTakenBetween(facts, last, at)) return last;
  const { stays } = tracks.of(vehicleId);
  const departures = stays.flatMap(({ from, to }) => {
    const isLeft = to !== null && (from ?? -Infinity) <= last && since < to && last < to && to <= at;
    return isLeft ? [to] : [];
  });
  if (departures.length === 0) return at;
  // Of places that lie in each other, it was taken off in the inner one.
  const departure = Math.min(...departures);
  const arrival = nextArrival(stays, departure);
  const isHeardAgain = facts.some(
    ({ fact: other }) =>
      other.type === "seen" &&
      other.subject === subject &&
      other.data.vehicleId === vehicleId &&
      other.at >= departure &&
      other.at < arrival,
  );
  return isHeardAgain ? at : departure - 1;
}

/** Onto which vehicle this fact loads the goods, if it does. The reader of the vehicle that they are unloaded from says nothing new. */
function loadedOnto(
  { type, data, rule, at }: NewFact,
  from: number | null,
): { at: number; vehicleId: number }[] | undefined {
  const isLoading = (type === "loaded" && data.ifLeftBy !== true) || (type === "scanned" && data.action === "load");
  if (!isLoading || data.vehicleId === null || (rule === READER_ABOARD && data.vehicleId === from)) return undefined;
  return [{ at, vehicleId: data.vehicleId }];
}

/** By the scanner on the vehicle, which names no place. */
export function isUnloadedFromVehicle(fact: NewFact): fact is NewFact & { type: "scanned" } {
  if (fact.type !== "scanned" || fact.data.vehicleId === null || fact.data.locationId !== null) return false;
  return isPuttingDown(fact.data.action);
}

function isDuring(stays: readonly VehicleStay[], at: number): boolean {
  return stays.some(({ from, to }) => (from ?? -Infinity) <= at && at < (to ?? Infinity));
}

/** Infinity: there is none. */
function nextArrival(stays: readonly VehicleStay[], at: number): number {
  return Math.min(...stays.map(({ from }) => (from !== null && from > at ? from : Infinity)));
}

/** −Infinity: there was none. */
function lastDeparture(stays: readonly VehicleStay[], at: number): number {
  return Math.max(...stays.map(({ to }) => (to !== null && to <= at ? to : -Infinity)));
}
