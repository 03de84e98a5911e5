import type { NewFact } from "../fact.ts";
import type { Places } from "../place.ts";
import { fenceOf } from "../shipment/place-parts.ts";
import { matchStops, type OrderedStop } from "./match-stops.ts";
import type { TripPlan } from "./plan.ts";
import { type Rest, type PlaceDwell, placeDwellsOf, type VehicleDwells } from "./place-dwells.ts";

/*
 * What a vehicle has made of a planned trip, from its own facts alone, in whatever order they became known:
 *
 * 1. Its visits are matched with the stops of this trip and of its neighbours in time (match-stops.ts): a late trip runs into
 *    the time of the next one, and its last stops are still its own.
 * 2. The trip is under way once the vehicle has left the first stop or is at a later one. It is completed when the vehicle has
 *    come to the last stop; or when it has set out for the next trip. A trip of one stop is completed when that is left.
 * 3. A stop that the vehicle was not at is skipped once it was at a later one, or is on its next trip. Of a place without a
 *    geofence nothing can be seen.
 * 4. Where it stood for five minutes or more although no stop was planned there, at a known place or in the street, is an
 *    unplanned stop. Places that overlap one of its stops are no other place.
 */

export type TripStatus = "planned" | "under_way" | "completed";
export type StopState = "expected" | "there" | "left" | "passed" | "skipped" | "unseen";

/** Epoch milliseconds. */
export interface ActualStop {
  state: StopState;
  arrivedAt: number | null;
  departedAt: number | null;
}

export interface UnplannedStop {
  /** null: in the street */
  locationId: number | null;
  /** of a stop in the street */
  point: { lat: number; lon: number } | null;
  arrivedAt: number;
  departedAt: number | null;
}

export interface ActualTrip {
  status: TripStatus;
  /** of each planned stop */
  stops: ActualStop[];
  unplanned: UnplannedStop[];
}

/** The trips of the same vehicle just before and after, if they are near enough. */
export interface Neighbours {
  previous?: TripPlan | undefined;
  next?: TripPlan | undefined;
}

const STOP_MS = 5 * 60_000;
/** of one trip */
const MAX_UNPLANNED = 50;

/** @param facts of the vehicle around these trips, in any order */
export function foldTrip(
  vehicleId: number,
  trip: TripPlan,
  { previous, next }: Neighbours,
  facts: readonly NewFact[],
  places: Places,
): ActualTrip {
  const seen = placeDwellsOf(vehicleId, facts);
  const plans = [previous, trip, next].map((plan) => orderedStops(plan));
  const found = matchStops(plans.flat(), seen.visits, places);
  const [before, , after] = plans as [OrderedStop[], OrderedStop[], OrderedStop[]];
  const own = found.slice(before.length, before.length + trip.stops.length);
  const nextBegan = beginningOf(found.slice(found.length - after.length));
  const began = beginningOf(own);
  const stops = own.map((visit, at): ActualStop => {
    if (visit) return actualStop(visit);
    const isUnseen = fenceOf(trip.stops[at]!.locationId, { places }) === null;
    const isOver = own.slice(at + 1).some((later) => later !== undefined) || (began !== null && nextBegan !== null);
    return { state: isUnseen ? "unseen" : isOver ? "skipped" : "expected", arrivedAt: null, departedAt: null };
  });
  const status = statusOf(trip, stops, { began: began !== null, nextBegan: nextBegan !== null });
  const end = status === "completed" ? Math.min(endOfTrip(stops), nextBegan ?? Infinity) : (nextBegan ?? Infinity);
  const unplanned = began === null ? [] : unplannedStops(seen, found, { from: began, to: end });
  return { status, stops, unplanned };
}

function orderedStops(plan: TripPlan | undefined): OrderedStop[] {
  return (plan?.stops ?? []).map((stop, at) => ({ ...stop, isFirst: at === 0 }));
}

function actualStop({ kind, from, to }: PlaceDwell): ActualStop {
  const state = kind === "passed" ? "passed" : to === null ? "there" : "left";
  return { state, arrivedAt: from, departedAt: to };
}

/** When the vehicle set out: left the first stop, or came to a later one; null: it has not. */
function beginningOf(visits: readonly (PlaceDwell | undefined)[]): number | null {
  const [first, ...later] = visits;
  if (first && (first.to !== null || visits.length === 1)) return first.to ?? first.from;
  const reached = later.find((visit) => visit !== undefined);
  return reached?.from ?? reached?.to ?? null;
}

function statusOf(
  { stops: plan }: TripPlan,
  stops: readonly ActualStop[],
  { began, nextBegan }: { began: boolean; nextBegan: boolean },
): TripStatus {
  if (!began) return "planned";
  const last = stops.findLast(({ state }) => state !== "unseen");
  const isThere = last?.state === "left" || last?.state === "passed" || (last?.state === "there" && plan.length > 1);
  return isThere || nextBegan ? "completed" : "under_way";
}

function endOfTrip(stops: readonly ActualStop[]): number {
  const last = stops.findLast(({ state }) => state !== "unseen");
  return last?.arrivedAt ?? last?.departedAt ?? Infinity;
}

function unplannedStops(
  { visits, rests }: VehicleDwells,
  planned: readonly (PlaceDwell | undefined)[],
  during: { from: number; to: number },
): UnplannedStop[] {
  const taken: { from: number | null; to: number | null }[] = planned.filter((visit) => visit !== undefined);
  const found: UnplannedStop[] = [];
  const add = (stop: UnplannedStop): void => {
    const { arrivedAt: from, departedAt: to } = stop;
    if (from < during.from || from >= during.to || taken.some((other) => overlap(other, { from, to }))) return;
    taken.push({ from, to });
    found.push(stop);
  };
  for (const visit of visits) {
    if (visit.kind !== "stay" || visit.from === null || !isStop(visit, rests)) continue;
    add({ locationId: visit.locationId, point: null, arrivedAt: visit.from, departedAt: visit.to });
  }
  const inPlaces = visits.filter(({ kind }) => kind === "stay");
  for (const { lat, lon, from, to } of rests) {
    if ((to !== null && to - from < STOP_MS) || inPlaces.some((stay) => overlap(stay, { from, to }))) continue;
    add({ locationId: null, point: { lat, lon }, arrivedAt: from, departedAt: to });
  }
  return found.toSorted((a, b) => a.arrivedAt - b.arrivedAt).slice(0, MAX_UNPLANNED);
}

/** It stood there: for long enough, or, while it is still there, because its drive has ended there. */
function isStop({ from, to }: PlaceDwell, rests: readonly Rest[]): boolean {
  if (to !== null) return to - from! >= STOP_MS;
  return rests.some((rest) => rest.to === null && rest.from >= from!);
}

function overlap(
  a: { from: number | null; to: number | null },
  b: { from: number | null; to: number | null },
): boolean {
  return (a.from ?? -Infinity) < (b.to ?? Infinity) && (b.from ?? -Infinity) < (a.to ?? Infinity);
}
