import type { NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import { mergeTrackers } from "../shipment/merge-trackers.ts";

/*
 * What the facts of one vehicle tell of its lanes:
 *
 * 1. A run begins with a departure from a place, and ends with the first arrival at another. With the stops between it is a run to
 *    each of the next places too, up to five, until the vehicle is back where it set out, or two days have passed.
 * 2. A departure or an arrival that happened at some time within ten minutes or more, because nothing was heard, tells no duration.
 * 3. Of a run the vehicle stood what its drives leave over. Without any drive nothing is known of the way.
 * 4. A dwell is the time from an arrival at a place to the next departure from it.
 *
 * The same facts give the same runs, in whatever order they became known: the key of a run is its departure.
 */

const MAX_NEXT_PLACES = 5;
export const MAX_RUN_MS = 48 * 3_600_000;
const MAX_UNCERTAIN_MS = 10 * 60_000;
/** A drive begins and ends a little outside the times at which the geofences are crossed. */
const EDGE_MS = 5 * 60_000;

/** One run of a lane, epoch milliseconds. */
export interface LaneRun {
  /** key of the departure */
  departure: string;
  originId: number;
  destinationId: number;
  departedAt: number;
  arrivedAt: number;
  /** of that time it stood */
  stopsMs: number;
  distanceM: number | null;
  /** the tracker that told the departure */
  deviceId: string | null;
}

/** How long a vehicle was at a place, epoch milliseconds. */
export interface StopDwell {
  /** key of the arrival */
  arrival: string;
  locationId: number;
  arrivedAt: number;
  departedAt: number;
}

/** Where a vehicle is on its way, epoch milliseconds. */
export interface Leg {
  /** null: on the road, or not known */
  placeId: number | null;
  since: number | null;
  departure: string | null;
  departedFrom: number | null;
  departedAt: number | null;
}

export const NO_LEG: Leg = { placeId: null, since: null, departure: null, departedFrom: null, departedAt: null };

export interface LaneFacts {
  runs: LaneRun[];
  dwells: StopDwell[];
  leg: Leg;
}

type Crossing = NewFact & { type: "arrived" | "departed" };

/** @param facts of one vehicle, not withdrawn, in any order */
export function lanesOf(facts: readonly NewFact[]): LaneFacts {
  const merged = mergeTrackers(facts.toSorted(byEventTime));
  const crossings = merged.filter((fact): fact is Crossing => fact.type === "arrived" || fact.type === "departed");
  const drives = merged.filter((fact) => fact.type === "trip");
  return { runs: runsOf(crossings, drives), dwells: dwellsOf(crossings), leg: legOf(crossings) };
}

function runsOf(crossings: readonly Crossing[], drives: readonly (NewFact & { type: "trip" })[]): LaneRun[] {
  return crossings.flatMap((departure, index) => {
    if (departure.type !== "departed" || isUncertain(departure)) return [];
    const originId = departure.data.locationId;
    const places = new Set<number>();
    const runs: LaneRun[] = [];
    for (const arrival of crossings.slice(index + 1)) {
      if (arrival.type !== "arrived") continue;
      const destinationId = arrival.data.locationId;
      if (destinationId === originId || arrival.at - departure.at > MAX_RUN_MS) break;
      if (places.has(destinationId)) continue;
      places.add(destinationId);
      if (!isUncertain(arrival) && arrival.at > departure.at) {
        const way = wayOf(drives, departure.at, arrival.at);
        const { key, at: departedAt, deviceId = null } = departure;
        runs.push({ departure: key, originId, destinationId, departedAt, arrivedAt: arrival.at, ...way, deviceId });
      }
      if (places.size >= MAX_NEXT_PLACES) break;
    }
    return runs;
  });
}

const isUncertain = ({ data: { between } }: Crossing): boolean =>
  between !== undefined && between.to - between.from >= MAX_UNCERTAIN_MS;

function wayOf(
  drives: readonly (NewFact & { type: "trip" })[],
  from: number,
  to: number,
): Pick<LaneRun, "stopsMs" | "distanceM"> {
  const within = drives.filter(({ at, data }) => data.since >= from - EDGE_MS && at <= to + EDGE_MS);
  if (within.length === 0) return { stopsMs: 0, distanceM: null };
  const driving = within.reduce(
    (sum, { at, data }) => sum + Math.max(0, Math.min(at, to) - Math.max(data.since, from)),
    0,
  );
  const distanceM = Math.round(within.reduce((sum, { data }) => sum + data.distanceM, 0));
  return { stopsMs: Math.max(0, to - from - driving), distanceM };
}

function dwellsOf(crossings: readonly Crossing[]): StopDwell[] {
  return crossings.flatMap((arrival, index) => {
    const { locationId } = arrival.data;
    if (arrival.type !== "arrived" || isUncertain(arrival)) return [];
    const next = crossings.slice(index + 1).find(({ data }) => data.locationId === locationId);
    if (next?.type !== "departed" || isUncertain(next)) return [];
    return [{ arrival: arrival.key, locationId, arrivedAt: arrival.at, departedAt: next.at }];
  });
}

/** The place that it entered last and has not left; else its last departure. */
function legOf(crossings: readonly Crossing[]): Leg {
  const inside = new Map<number, Crossing>();
  for (const fact of crossings) {
    if (fact.type === "arrived") inside.set(fact.data.locationId, fact);
    else inside.delete(fact.data.locationId);
  }
  const at = [...inside.values()].toSorted(byEventTime).at(-1);
  if (at !== undefined) return { ...NO_LEG, placeId: at.data.locationId, since: at.at };
  const last = crossings.at(-1);
  if (last === undefined) return NO_LEG;
  return { ...NO_LEG, departure: last.key, departedFrom: last.data.locationId, departedAt: last.at };
}
