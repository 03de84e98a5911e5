import type { NewFact } from "../fact.ts";
import { TAG_CONFIDENCE } from "../tag-confidence.ts";
import { CLOCK_MS } from "./clocks.ts";
import { load } from "./handling.ts";
import { leaveBehind } from "./put-down.ts";
import { fenceOf, isAtDestination } from "./place-parts.ts";
import type { ShipmentState, StepContext } from "./state.ts";

/*
 * What the reads of its tags say of a shipment, weighed against what else is known of it:
 *
 * 1. Only a read inside a place says where the shipment is. A pass outward confirms a loading and moves nothing; a pass
 *    without a direction moves nothing. But a pass that leans inward counts for goods that came on the vehicle which stands
 *    there, and were not loaded there: they can only go in. What is loaded or read elsewhere later corrects that.
 * 2. On a vehicle that has left the place within the last two minutes, the read is of the time before: a reader's clock
 *    may be off by a minute.
 * 3. On a vehicle that stands in the place, only a pass through a gate shows that it was unloaded, unless the place is
 *    the destination: antennas reach into the vehicle at the dock.
 * 4. On a vehicle that is elsewhere, or after it was brought to its destination, a firm read is a contradiction: the
 *    shipment becomes an exception. The second firm read moves it. A weak one changes nothing. But a pass inward at the
 *    destination says more than the last fix of a vehicle, whose tracker may be silent: it went in there. So does a firm read
 *    there after its vehicle has been there and left: it left the shipment behind.
 * 5. A reader on the vehicle that no longer hears the tag, while the vehicle stands in the destination, is evidence of
 *    delivery. Elsewhere only the next departure shows that it was left behind (travel.ts).
 * 6. What was loaded at a place, and was then shown to be taken off by a pass inward there, is on its vehicle again when it goes out
 *    within five minutes while that vehicle stands there, and nobody has said anything else: a pallet that was turned round in
 *    the hall. Later it may go out to another vehicle, and so may at any time what the vehicle has brought: there a pass outward
 *    moves nothing.
 * 7. Of a shipment of several tags, one that goes back into the hall takes it off its vehicle only if none of the others has gone out
 *    since it was loaded: one pallet was left, or misread.
 */

const TURNED_WITHIN_MS = 5 * 60_000;

export function applyTagRead(
  state: ShipmentState,
  fact: NewFact & { type: "seen" },
  context: StepContext,
): ShipmentState {
  const { locationId, direction, likely } = fact.data;
  if (locationId === null) return trackTagAboard(state, fact, context);
  if (likely === "in") {
    return isBroughtBy(state, locationId, fact.at, context) ? leaveBehind(state, locationId, fact.at, context) : state;
  }
  if (direction === "out" && fact.data.portal) return passOut(state, fact, locationId, context);
  if (direction !== "in") return state;
  const isLoaded = state.vehicleId !== null && isLoadedAt(state, locationId, context);
  if (isLoaded && state.goneOut.some((tag) => tag !== fact.subject))
    return { ...state, goneOut: state.goneOut.filter((tag) => tag !== fact.subject) };
  switch (assess(state, locationId, fact, context)) {
    case "insufficient":
      return state;
    case "contradiction":
      return { ...state, status: "exception" };
    case "present": {
      const there = leaveBehind(state, locationId, fact.at, context);
      if (there === state) return state;
      const { vehicleId } = state;
      const isTurned = fact.data.portal === true && vehicleId !== null && isLoadedAt(state, locationId, context);
      return { ...there, takenOff: isTurned ? { vehicleId, at: fact.at } : null };
    }
  }
}

/** It is aboard, and its vehicle has not left the place since. */
function isLoadedAt({ locationId }: ShipmentState, place: number, context: StepContext): boolean {
  if (isAtDestination(place, context)) return false;
  return locationId !== null && fenceOf(locationId, context) === fenceOf(place, context);
}

/** A pass outward: aboard already, it confirms the loading. */
function passOut(
  state: ShipmentState,
  { subject, at }: NewFact,
  locationId: number,
  context: StepContext,
): ShipmentState {
  if (state.vehicleId === null) return putBack(state, locationId, at, context);
  if (!isLoadedAt(state, locationId, context) || state.goneOut.includes(subject)) return state;
  return { ...state, goneOut: [...state.goneOut, subject] };
}

/** Step 6. */
function putBack(state: ShipmentState, locationId: number, at: number, context: StepContext): ShipmentState {
  const { takenOff } = state;
  const fence = fenceOf(locationId, context);
  if (takenOff === null || state.vehicleId !== null || fence === null || at > takenOff.at + TURNED_WITHIN_MS)
    return state;
  const { vehicleId } = takenOff;
  const isWhereItWas = state.locationId !== null && fenceOf(state.locationId, context) === fence;
  const isThere = context.tracks.of(vehicleId).placesAt(at).includes(fence);
  return isWhereItWas && isThere ? load({ ...state, takenOff: null }, vehicleId, null, at, context) : state;
}

/** Whether the shipment has come to this place on a vehicle, which is still there. */
function isBroughtBy(state: ShipmentState, locationId: number, at: number, context: StepContext): boolean {
  const { vehicleId, isRefused, deliveryEvidence } = state;
  if (vehicleId === null || isRefused) return false;
  const isBrought = isAtDestination(locationId, context) ? deliveryEvidence.vehicle : state.locationId === null;
  const fence = fenceOf(locationId, context);
  return isBrought && fence !== null && context.tracks.of(vehicleId).placesAt(at).includes(fence);
}

function assess(
  state: ShipmentState,
  locationId: number,
  { at, confidence, data }: NewFact & { type: "seen" },
  context: StepContext,
): "present" | "insufficient" | "contradiction" {
  // A person has just moved it away from here: a few reads do not bring it back.
  if (state.manualOverride?.locationId === locationId && confidence < TAG_CONFIDENCE.firm) return "insufficient";
  const { vehicleId, status } = state;
  const track = vehicleId === null ? undefined : context.tracks.of(vehicleId);
  const fence = fenceOf(locationId, context) ?? locationId;
  if ((track?.sinceLeaving(fence, at) ?? Infinity) <= CLOCK_MS) return "insufficient";
  const isAtDock = vehicleId !== null && (state.locationId === locationId || track?.placesAt(at).includes(fence));
  const isFirmAtDestination = isAtDestination(locationId, context) && confidence >= TAG_CONFIDENCE.firm;
  if (isAtDock) return data.portal || isFirmAtDestination ? "present" : "insufficient";
  if (isFirmAtDestination && (data.portal || state.leftDestination)) return "present";
  if (status === "exception" || !isRuledOut(state, locationId, at, context)) return "present";
  return confidence < TAG_CONFIDENCE.firm ? "insufficient" : "contradiction";
}

/** Its vehicle is elsewhere; or it arrived at its destination, and no vehicle took it away. */
function isRuledOut(state: ShipmentState, there: number, at: number, context: StepContext): boolean {
  const { status, vehicleId, locationId, deliveryEvidence } = state;
  if (vehicleId !== null) {
    const fence = fenceOf(there, context);
    return fence !== null && isElsewhere(vehicleId, fence, at, context);
  }
  const wasBrought = status === "arrived" && deliveryEvidence.vehicle && isAtDestination(locationId, context);
  return wasBrought && !isAtDestination(there, context);
}

/** On the road to the destination its late fixes may still show that it has arrived: only another place rules that out. */
function isElsewhere(vehicleId: number, there: number, at: number, context: StepContext): boolean {
  const track = context.tracks.of(vehicleId);
  const places = track.placesAt(at);
  if (places.length > 0) return !places.includes(there);
  return track.isOnRoad(at) && !isAtDestination(there, context) && track.sinceLeaving(there, at) !== undefined;
}

/** A reader on the shipment's vehicle reads one of its tags, or has stopped reading it (step 5). */
export function trackTagAboard(
  state: ShipmentState,
  fact: NewFact & { type: "seen" | "gone" },
  context: StepContext,
): ShipmentState {
  const { type, subject, data } = fact;
  if (data.vehicleId === undefined || data.vehicleId !== state.vehicleId) return state;
  // On the road nothing is unloaded: the reader has failed, and no longer says what is aboard.
  const isFailure =
    fact.type === "gone" && context.tracks.of(data.vehicleId).isOnRoad(Math.min(fact.at, fact.data.last));
  if (isFailure) return { ...state, tagsAboard: null };
  // Each of several readers aboard hears for itself.
  const heard = `${subject} ${fact.deviceId ?? ""}`;
  const isKnown = state.tagsAboard?.includes(heard) === true;
  if (type === "seen" && isKnown) return state;
  const others = (state.tagsAboard ?? []).filter((each) => each !== heard);
  const tracked = { ...state, tagsAboard: type === "seen" ? [...others, heard] : others };
  const { locationId } = state;
  const isUnloaded = type === "gone" && tracked.tagsAboard.length === 0 && state.deliveryEvidence.vehicle;
  if (!isUnloaded || locationId === null || !isAtDestination(locationId, context)) return tracked;
  return leaveBehind(tracked, locationId, fact.at, context);
}
