import type { Places } from "../place.ts";
import { fenceOf, isPartOf } from "../shipment/place-parts.ts";
import { AFTER_WINDOW_MS, BEFORE_WINDOW_MS, type PlannedStop } from "./plan.ts";
import type { PlaceDwell } from "./place-dwells.ts";

/*
 * Which visit of the vehicle is which stop of its plan:
 *
 * 1. Stops are visited in their order, and a visit is one stop. Consecutive stops at one place may be one visit: two docks of one
 *    yard, or the end of a trip and the beginning of the next one.
 * 2. As many stops as possible are found; a stay counts twice as much as driving through. Among equal ways the one whose
 *    visits lie nearer to their windows holds. So a vehicle that comes six hours late is late, and not at another stop.
 * 3. A vehicle may stand at its first stop for long. What counts there is when it leaves: of two stays the later one.
 *
 * Stops and visits are few, so all ways are compared (dynamic programming over both, from the end).
 */

/** A stop, and whether its trip begins there. */
export interface OrderedStop extends PlannedStop {
  isFirst: boolean;
}

/** A first stop is not one that the vehicle left longer before its window than this, milliseconds. */
const LEFT_EARLY_MS = 3_600_000;

/** The best of what is left from a stop and a visit on. */
interface Way {
  /** what is found */
  weight: number;
  /** how far from the windows, milliseconds */
  distanceMs: number;
  /** share: the next stop is this visit too */
  step: "match" | "share" | "skip_stop" | "skip_visit" | "end";
  rest: Way | undefined;
}

const END: Way = { weight: 0, distanceMs: 0, step: "end", rest: undefined };

/** @returns the visit of each stop; undefined: none */
export function matchStops(
  stops: readonly OrderedStop[],
  visits: readonly PlaceDwell[],
  places: Places,
): (PlaceDwell | undefined)[] {
  // Of the stop that comes after the one at hand: the best ways by visit, and the best of those in which the visit is this stop.
  let next = visits.map(() => END);
  let nextIsVisit: (Way | undefined)[] = visits.map(() => undefined);
  for (const stop of stops.toReversed()) {
    const ways: Way[] = [];
    const isVisit: (Way | undefined)[] = [];
    for (let at = visits.length - 1; at >= 0; at -= 1) {
      const found = canBe(stop, visits[at]!, places) ? valueOf(stop, visits[at]!) : undefined;
      const shared = nextIsVisit[at];
      const match = found && plus(next[at + 1] ?? END, found, "match");
      const share = found && shared && plus(shared, found, "share");
      const taken = best([match, share]);
      const later = plus(ways[at + 1] ?? END, NOTHING, "skip_visit");
      const none = plus(next[at]!, NOTHING, "skip_stop");
      isVisit[at] = taken;
      ways[at] = best(stop.isFirst ? [later, taken, none] : [taken, later, none])!;
    }
    [next, nextIsVisit] = [ways, isVisit];
  }
  return follow(next[0] ?? END, stops, visits);
}

function follow(first: Way, stops: readonly OrderedStop[], visits: readonly PlaceDwell[]): (PlaceDwell | undefined)[] {
  const found = stops.map((): PlaceDwell | undefined => undefined);
  let [stop, visit] = [0, 0];
  for (let way: Way | undefined = first; way !== undefined && way.step !== "end"; way = way.rest) {
    if (way.step === "match" || way.step === "share") found[stop] = visits[visit];
    if (way.step !== "skip_visit") stop += 1;
    if (way.step === "match" || way.step === "skip_visit") visit += 1;
  }
  return found;
}

/** Of equal ways the first. */
function best(ways: readonly (Way | undefined)[]): Way | undefined {
  const isBetter = (a: Way, b: Way) => a.weight > b.weight || (a.weight === b.weight && a.distanceMs < b.distanceMs);
  let found: Way | undefined;
  for (const way of ways) if (way && (found === undefined || isBetter(way, found))) found = way;
  return found;
}

type Value = Pick<Way, "weight" | "distanceMs">;
const NOTHING: Value = { weight: 0, distanceMs: 0 };

function plus(rest: Way, { weight, distanceMs }: Value, step: Way["step"]): Way {
  return { weight: rest.weight + weight, distanceMs: rest.distanceMs + distanceMs, step, rest };
}

function valueOf({ window, isFirst }: OrderedStop, { kind, from, to }: PlaceDwell): Value {
  // Of the first stop the departure counts, of the others the arrival.
  const at = isFirst ? Math.max(from ?? -Infinity, Math.min(to ?? window.to, window.to)) : (from ?? window.from);
  const distanceMs = Math.max(0, window.from - at, at - window.to);
  return { weight: kind === "stay" ? 2 : 1, distanceMs };
}

/** Whether the vehicle was at the stop's place, about the stop's time. */
function canBe({ locationId, window, isFirst }: OrderedStop, visit: PlaceDwell, places: Places): boolean {
  const [from, to] = [visit.from ?? -Infinity, visit.to ?? Infinity];
  if (to < window.from - (isFirst ? LEFT_EARLY_MS : BEFORE_WINDOW_MS)) return false;
  if (from > window.to + AFTER_WINDOW_MS) return false;
  return visit.locationId === fenceOf(locationId, { places }) || isPartOf(visit.locationId, locationId, { places });
}
