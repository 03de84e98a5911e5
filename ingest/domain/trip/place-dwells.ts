import type { NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import { VehicleTracks } from "../shipment/vehicle-track.ts";

/*
 * Where a vehicle was, for the trips that were planned for it:
 *
 * 1. All its trackers are one track of stays in places (vehicle-track.ts). A place that it drove through without a visible
 *    stop is a visit of no time.
 * 2. It rested from the end of a drive to the beginning of the next one. A rest outside of all places is a stop in the street.
 */

/** A visit to a place, epoch milliseconds; `from: null`: before anything is known, `to: null`: it is still there. */
export interface PlaceDwell {
  kind: "stay" | "passed";
  locationId: number;
  from: number | null;
  to: number | null;
}

/** A stop between two drives, epoch milliseconds; `to: null`: it still rests. */
export interface Rest {
  lat: number;
  lon: number;
  from: number;
  to: number | null;
}

export interface VehicleDwells {
  /** in order of time */
  visits: readonly PlaceDwell[];
  rests: readonly Rest[];
}

/** @param facts of one vehicle, in any order */
export function placeDwellsOf(vehicleId: number, facts: readonly NewFact[]): VehicleDwells {
  const tracks = new VehicleTracks(facts.toSorted(byEventTime));
  const stays = tracks.of(vehicleId).stays.map((stay): PlaceDwell => ({ kind: "stay", ...stay }));
  const merged = tracks.facts.toSorted(byEventTime);
  const passings = merged.flatMap((fact): PlaceDwell[] =>
    fact.type === "passed" ? [{ kind: "passed", locationId: fact.data.locationId, from: fact.at, to: fact.at }] : [],
  );
  return { visits: [...stays, ...passings].sort(byTime), rests: restsOf(merged) };
}

function byTime(a: PlaceDwell, b: PlaceDwell): number {
  const [fromA, fromB] = [a.from ?? -Infinity, b.from ?? -Infinity];
  const [toA, toB] = [a.to ?? Infinity, b.to ?? Infinity];
  if (fromA !== fromB) return fromA < fromB ? -1 : 1;
  if (toA !== toB) return toA < toB ? -1 : 1;
  return a.locationId - b.locationId;
}

function restsOf(facts: readonly NewFact[]): Rest[] {
  const rests: Rest[] = [];
  for (const fact of facts) {
    const open = rests.at(-1);
    if (fact.type === "trip") {
      if (open?.to === null) open.to = Math.max(open.from, Math.min(fact.data.since, fact.at));
      rests.push({ ...fact.data.to, from: fact.at, to: null });
    } else if (fact.type === "trip_started" && open?.to === null) open.to = Math.max(open.from, fact.at);
  }
  return rests;
}
