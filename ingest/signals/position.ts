import type { NewFact } from "../domain/fact.ts";
import type { FenceIndex } from "../domain/geo/fence-index.ts";
import { crossingFact, type FenceStates, detectCrossings } from "./fence-crossing.ts";
import { type FixHistory, assessFix, NO_FIXES } from "./fix-quality.ts";
import type { SignalRule, Sample } from "./signal-rule.ts";
import type { GpsContent, VehicleMount } from "./sample.ts";
import { updateTrip, NO_TRIP, type Trip, type TripState } from "./trip.ts";

/** Fixes → accepted positions → arrivals, departures and trips of the vehicle the device is mounted on. */
export interface GpsSample extends Sample, GpsContent {}

export interface PositionState extends FixHistory {
  /** the vehicle all this is about; null while the device is on none */
  vehicleId: number | null;
  fences: FenceStates;
  trip: TripState;
}

export interface PositionContext {
  deviceId: string;
  fences: FenceIndex;
  /** where the device was mounted at that time */
  vehicleAt(ts: number): VehicleMount | undefined;
}

export const positionRule: SignalRule<GpsSample, PositionState, PositionContext> = {
  initial: { ...NO_FIXES, vehicleId: null, fences: {}, trip: NO_TRIP },
  step(state, sample, context) {
    const { deviceId, fences } = context;
    const vehicleId = context.vehicleAt(sample.ts)?.vehicleId ?? null;
    // On another vehicle nothing of this holds: neither where it was nor how it got there.
    const before = vehicleId === state.vehicleId ? state : { ...positionRule.initial, vehicleId };
    const { history, accepted, quality, relocated } = assessFix(before, sample);
    if (!accepted || vehicleId === null) return { state: { ...before, ...history }, facts: [], quality };
    // A lone first fix that three others contradict was the outlier: the vehicle never was there.
    const erred = relocated && !before.confirmed;
    const last = erred ? null : before.last;
    const crossed = detectCrossings(before.fences, sample, relocated ? null : last, fences);
    const { state: trip, trip: ended } = updateTrip(erred ? NO_TRIP : before.trip, sample, last, relocated);
    const facts = crossed.crossings.map((crossing) => crossingFact(crossing, vehicleId, deviceId));
    if (ended) facts.push(tripFact(ended, vehicleId, deviceId));
    const { confirmed, outliers } = history;
    return {
      state: { last: history.last, confirmed, outliers, vehicleId, fences: crossed.memory, trip },
      facts,
      quality,
    };
  },
};

function tripFact({ from, to, distanceM }: Trip, vehicleId: number, deviceId: string): NewFact {
  const evidence = [from, to].map(({ ts }) => ({ device_id: deviceId, kind: "gps", ts: new Date(ts).toISOString() }));
  return {
    key: `trip:${vehicleId}:${from.ts}:${to.ts}:${deviceId}`,
    subject: `vehicle:${vehicleId}`,
    at: to.ts,
    type: "trip",
    data: { since: from.ts, from: placeOf(from), to: placeOf(to), distanceM },
    rule: "trip",
    evidence,
    confidence: 0.9,
    deviceId,
  };
}

function placeOf({ lat, lon }: { lat: number; lon: number }) {
  return { lat, lon };
}
