import type { NewFact } from "../fact.ts";
import { TAG_CONFIDENCE } from "../tag-confidence.ts";
import type { VehicleTrack, VehicleTracks } from "./vehicle-track.ts";

/*
 * A reader on a vehicle hears a tag. While the vehicle stands, the goods may lie beside it. They are aboard when
 *
 * 1. the reader heard the tag before the vehicle left a place and 15 s after, or before it drove off and 60 s after, or
 * 2. heard it on the road, outside all places, for a minute and until the vehicle had come to a place, or
 * 3. heard it for a minute while the vehicle drove outside all places, and the goods were in a place that this vehicle has left, on no
 *    vehicle: one beside it in a jam may have them, or they stand where it parks (shipment-steps.ts).
 *
 * Then the goods were loaded when the reader first heard the tag. They are still aboard at every further departure after
 * which it has heard the tag on: whatever said in between that they had been put down, a gate for example, was wrong. A dwell that has not ended goes on: if it turns out that
 * the tag was heard last before the departure, the end of the dwell says so, and the loading is gone.
 *
 * Example: heard from 300 s to 1,599 s, the vehicle leaves at 615 s: aboard since 300 s.
 */

/** The clocks of a reader and of a tracker may differ by this much, milliseconds. */
const BEYOND_DEPARTURE_MS = 15_000;
/** A drive begins with the last fix at the stop, which may be long before the vehicle moves, milliseconds. */
const BEYOND_START_MS = 60_000;
const ON_ROAD_MS = 60_000;

/** Rule of what is derived here. */
export const READER_ABOARD = "reader-aboard";

/** A tag's dwell at a reader on a vehicle, epoch milliseconds. */
interface DwellAboard<F extends NewFact> {
  seen: F;
  vehicleId: number;
  since: number;
  /** when it was heard last; Infinity while the dwell goes on */
  last: number;
  /** until then it is known to be heard, while the dwell goes on */
  heardAt: number;
}

/**
 * @param facts in order of time
 * @returns a `loaded` fact for each dwell that shows the goods aboard, and one for each further departure in it, derived from
 * its `seen` fact
 */
export function loadingsByReader<F extends NewFact>(facts: readonly F[], tracks: VehicleTracks): F[] {
  return dwellsOf(facts).flatMap((dwell) => {
    const track = tracks.of(dwell.vehicleId);
    const isSure = isAboard(dwell, track);
    if (!isSure && !isDrivenAlong(dwell, track)) return [];
    return [dwell.since, ...departuresWith(dwell, track)].map((at) => {
      const { vehicleId, since: heardSince } = dwell;
      const data = { vehicleId, locationId: null, heardSince, ...(!isSure && { ifLeftBy: true }) };
      return { ...dwell.seen, at, type: "loaded", data, rule: READER_ABOARD };
    });
  });
}

/**
 * Just before each departure from a place after which the reader has heard the tag on: for a minute, where it heard it at that place
 * first, for another vehicle beside this one may have the goods. None of a dwell that goes on: its reader may have been switched off
 * at that place.
 */
function departuresWith({ since, last }: DwellAboard<NewFact>, { stays }: VehicleTrack): number[] {
  if (last === Infinity) return [];
  return stays.flatMap(({ from, to }) => {
    const cameWithIt = from !== null && from >= since;
    const beyond = cameWithIt ? BEYOND_DEPARTURE_MS : ON_ROAD_MS;
    const isLeftWithIt = to !== null && to > since && last >= to + beyond;
    return isLeftWithIt ? [Math.max(from ?? since, since, to - 1)] : [];
  });
}

function dwellsOf<F extends NewFact>(facts: readonly F[]): DwellAboard<F>[] {
  const open = new Map<string, DwellAboard<F>>();
  const dwells: DwellAboard<F>[] = [];
  for (const fact of facts) {
    if ((fact.type !== "seen" && fact.type !== "gone") || fact.data.vehicleId === undefined) continue;
    const { vehicleId } = fact.data;
    const key = `${fact.subject} ${fact.deviceId ?? ""} ${vehicleId}`;
    const dwell = open.get(key);
    if (fact.type === "gone") {
      if (dwell) Object.assign(dwell, { since: Math.min(dwell.since, fact.data.since), last: fact.data.last });
      open.delete(key);
    } else if (dwell === undefined) {
      const begun = { seen: fact, vehicleId, since: fact.at, last: Infinity, heardAt: fact.at };
      open.set(key, begun);
      dwells.push(begun);
    } else {
      dwell.heardAt = fact.at;
      // It says so after a minute, and said at first only that it had heard the tag twice.
      if (fact.confidence >= TAG_CONFIDENCE.lasting) dwell.since = Math.min(dwell.since, fact.at - ON_ROAD_MS);
    }
  }
  return dwells;
}

function isAboard({ since, last }: DwellAboard<NewFact>, track: VehicleTrack): boolean {
  const leftWithIt = track.stays.some(({ to }) => to !== null && since <= to && last >= to + BEYOND_DEPARTURE_MS);
  const droveOffWithIt = track.starts.some((at) => since <= at && last >= at + BEYOND_START_MS);
  const cameWithIt = track.stays.some(({ from }) => from !== null && from - since >= ON_ROAD_MS && last >= from);
  return leftWithIt || droveOffWithIt || (cameWithIt && track.isOnRoad(since));
}

/** Step 3. */
function isDrivenAlong({ since, last, heardAt }: DwellAboard<NewFact>, track: VehicleTrack): boolean {
  const until = last === Infinity ? heardAt : last;
  return until - since >= ON_ROAD_MS && track.isOnRoad(since) && track.isDriving(since, since + ON_ROAD_MS);
}
