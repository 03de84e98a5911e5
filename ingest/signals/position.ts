import type { NewFact } from "../domain/fact.ts";
import type { FenceIndex } from "../domain/geo/fence-index.ts";
import { distanceToEdgeM, type Point } from "../domain/geo/geofence.ts";
import { crossingFact, detectCrossings } from "./fence-crossing.ts";
import type { FenceStates } from "./fence-state.ts";
import { assessFix, type FixHistory, NO_FIXES } from "./fix-quality.ts";
import { type FoundManoeuvre, followSpeed, type SpeedState } from "./harsh-manoeuvre.ts";
import type { GpsContent, VehicleMount } from "./sample.ts";
import type { Sample, SignalRule } from "./signal-rule.ts";
import { NO_TRIP, type Trip, type TripState, updateTrip } from "./trip.ts";

/*
 * How the fixes of one device become arrivals, departures and trips of the vehicle it is mounted on:
 *
 * 1. The fix is assessed against the last accepted one (fix-quality.ts). Without a vehicle that is all.
 * 2. An accepted fix may cross geofences (fence-crossing.ts, fence-passing.ts): `arrived`, `departed`, `passed`.
 * 3. It continues the vehicle's trip or its stop (trip.ts): `trip_started`, once it is 200 m away from the stop, and `trip`,
 *    when one has ended.
 *
 * 4. Speeds that change harshly between fixes that follow each other closely are `harsh_driving` (harsh-manoeuvre.ts).
 *
 * A device that is mounted on another vehicle starts without any state.
 */
export interface GpsSample extends Sample, GpsContent {}

export interface PositionState extends FixHistory {
  /** the vehicle that this state belongs to; null while the device is on none */
  vehicleId: number | null;
  fences: FenceStates;
  trip: TripState;
  /** undefined: the last fix told no speed */
  speeds?: SpeedState | undefined;
}

export interface PositionContext {
  deviceId: string;
  fences: FenceIndex;
  /** the vehicle on which the device was mounted at that time */
  vehicleAt(ts: number): VehicleMount | undefined;
}

export const positionRule: SignalRule<GpsSample, PositionState, PositionContext> = {
  initial: { ...NO_FIXES, vehicleId: null, fences: {}, trip: NO_TRIP, speeds: undefined },
  step(state, sample, context) {
    const { deviceId, fences } = context;
    const vehicleId = context.vehicleAt(sample.ts)?.vehicleId ?? null;
    const before = vehicleId === state.vehicleId ? state : { ...positionRule.initial, vehicleId };
    const { history, accepted, quality, relocated } = assessFix(before, sample);
    if (!accepted || vehicleId === null) return { state: { ...before, ...history }, facts: [], quality };
    // Three fixes contradict a single first one: that was the outlier, and the vehicle was never there.
    const firstWasOutlier = relocated && !before.confirmed;
    const last = firstWasOutlier ? null : before.last;
    const crossed = detectCrossings(before.fences, sample, relocated ? null : last, fences, last?.ts ?? null);
    const { state: trip, trip: ended } = updateTrip(firstWasOutlier ? NO_TRIP : before.trip, sample, last, relocated);
    const facts = crossed.crossings.map((crossing) => crossingFact(crossing, vehicleId, deviceId));
    const started = trip.drive?.isTrip === true && before.trip.drive?.isTrip !== true ? trip.stop?.last : undefined;
    if (started) facts.push(tripStartedFact(started, fences, vehicleId, deviceId));
    if (ended) facts.push(tripFact(ended, vehicleId, deviceId));
    const { confirmed, outliers } = history;
    const followed = speedsAfter(before.speeds, sample, quality === "ok" && !relocated);
    if (followed?.found) facts.push(harshFact(followed.found, vehicleId, deviceId));
    const speeds = followed?.state;
    return {
      state: { last: history.last, confirmed, outliers, vehicleId, fences: crossed.states, trip, speeds },
      facts,
      quality,
    };
  },
};

/** A fix of poor quality, or after a jump, says nothing of how fast the vehicle became. @returns undefined: no speed is known */
function speedsAfter(
  before: SpeedState | undefined,
  { ts, lat, lon, speed }: GpsSample,
  isGood: boolean,
): ReturnType<typeof followSpeed> | undefined {
  return speed === undefined || !isGood ? undefined : followSpeed(before, { ts, lat, lon, speed });
}

function harshFact({ what, at, g, fromKmh, toKmh }: FoundManoeuvre, vehicleId: number, deviceId: string): NewFact {
  return {
    key: `harsh:${vehicleId}:${at}:${deviceId}`,
    subject: `vehicle:${vehicleId}`,
    at,
    type: "harsh_driving",
    data: { manoeuvre: what, g, by: "fixes", fromKmh, toKmh },
    rule: "harsh-manoeuvre",
    evidence: [{ device_id: deviceId, kind: "gps", ts: new Date(at).toISOString() }],
    confidence: 0.8,
    deviceId,
  };
}

/** It has driven off from the stop whose last fix this is. */
function tripStartedFact(
  { ts, lat, lon }: Point & { ts: number },
  fences: FenceIndex,
  vehicleId: number,
  deviceId: string,
): NewFact {
  const inside = fences.near({ lat, lon }).filter(({ fence }) => distanceToEdgeM({ lat, lon }, fence) <= 0);
  return {
    key: `trip_started:${vehicleId}:${ts}:${deviceId}`,
    subject: `vehicle:${vehicleId}`,
    at: ts,
    type: "trip_started",
    data: { from: { lat, lon }, locationIds: inside.map(({ locationId }) => locationId).sort((a, b) => a - b) },
    rule: "trip",
    evidence: [{ device_id: deviceId, kind: "gps", ts: new Date(ts).toISOString() }],
    confidence: 0.9,
    deviceId,
  };
}

function tripFact({ from, to, distanceM }: Trip, vehicleId: number, deviceId: string): NewFact {
  const evidence = [from, to].map(({ ts }) => ({ device_id: deviceId, kind: "gps", ts: new Date(ts).toISOString() }));
  return {
    key: `trip:${vehicleId}:${from.ts}:${to.ts}:${deviceId}`,
    subject: `vehicle:${vehicleId}`,
    at: to.ts,
    type: "trip",
    data: { since: from.ts, from: pointOf(from), to: pointOf(to), distanceM },
    rule: "trip",
    evidence,
    confidence: 0.9,
    deviceId,
  };
}

function pointOf({ lat, lon }: { lat: number; lon: number }) {
  return { lat, lon };
}
