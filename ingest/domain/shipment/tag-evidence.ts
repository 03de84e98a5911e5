import type { NewFact } from "../fact.ts";
import { leaveBehind } from "./put-down.ts";
import { hasGeofence } from "./stage.ts";
import type { ShipmentState, StepContext } from "./state.ts";

/*
 * What the reads of its tags say of a shipment, weighed against what else is known of it:
 *
 * 1. Only a read inside a place says where the shipment is. A pass outward confirms a loading and moves nothing; a pass
 *    without a direction moves nothing.
 * 2. On a vehicle that has left the place within the last two minutes, the read is of the time before: a reader's clock
 *    may be off by a minute.
 * 3. On a vehicle that stands in the place, only a pass through a gate shows that it was unloaded, unless the place is
 *    the destination: antennas reach into the vehicle at the dock.
 * 4. On a vehicle that is elsewhere, or after it was brought to its destination, a firm read is a contradiction: the
 *    shipment becomes an exception. The second firm read moves it. A weak one changes nothing.
 * 5. A reader on the vehicle that no longer hears the tag, while the vehicle stands in the destination, is evidence of
 *    delivery. Elsewhere only the next departure shows that it was left behind (travel.ts).
 */

/** Confidence of several reads, or of a pass. Below it are few reads: possibly a cross-read. */
const FIRM_CONFIDENCE = 0.85;
/** A reader's clock, against the fixes of a vehicle, milliseconds. */
const CLOCK_MS = 120_000;

export function applyTagRead(
  state: ShipmentState,
  fact: NewFact & { type: "seen" },
  context: StepContext,
): ShipmentState {
  const { locationId, direction } = fact.data;
  if (locationId === null) return trackTagAboard(state, fact, context);
  if (direction !== "in") return state;
  switch (assess(state, locationId, fact, context)) {
    case "insufficient":
      return state;
    case "contradiction":
      return { ...state, status: "exception" };
    case "present":
      return leaveBehind(state, locationId, fact.at, context);
  }
}

function assess(
  state: ShipmentState,
  locationId: number,
  { at, confidence, data }: NewFact & { type: "seen" },
  context: StepContext,
): "present" | "insufficient" | "contradiction" {
  // A person has just moved it away from here: a few reads do not bring it back.
  if (state.manualOverride?.locationId === locationId && confidence < FIRM_CONFIDENCE) return "insufficient";
  const { vehicleId, status } = state;
  const track = vehicleId === null ? undefined : context.tracks.of(vehicleId);
  if ((track?.sinceLeaving(locationId, at) ?? Infinity) <= CLOCK_MS) return "insufficient";
  const isAtDock = vehicleId !== null && (state.locationId === locationId || track?.placesAt(at).includes(locationId));
  const isFirmAtDestination = locationId === context.destinationId && confidence >= FIRM_CONFIDENCE;
  if (isAtDock) return data.portal || isFirmAtDestination ? "present" : "insufficient";
  if (status === "exception" || !isRuledOut(state, locationId, at, context)) return "present";
  return confidence < FIRM_CONFIDENCE ? "insufficient" : "contradiction";
}

/** Its vehicle is elsewhere; or it arrived at its destination, and no vehicle took it away. */
function isRuledOut(state: ShipmentState, there: number, at: number, context: StepContext): boolean {
  const { status, vehicleId, locationId, deliveryEvidence } = state;
  if (vehicleId !== null) return hasGeofence(there, context) && isElsewhere(vehicleId, there, at, context);
  const isAtDestination = locationId === context.destinationId;
  return status === "arrived" && deliveryEvidence.vehicle && isAtDestination && there !== locationId;
}

/** On the road to the destination its late fixes may still show that it has arrived: only another place rules that out. */
function isElsewhere(vehicleId: number, there: number, at: number, { tracks, destinationId }: StepContext): boolean {
  const track = tracks.of(vehicleId);
  const places = track.placesAt(at);
  if (places.length > 0) return !places.includes(there);
  return track.isOnRoad(at) && there !== destinationId && track.sinceLeaving(there, at) !== undefined;
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
  const isFailure = fact.type === "gone" && context.tracks.of(data.vehicleId).isOnRoad(fact.data.last);
  if (isFailure) return { ...state, tagsAboard: null };
  const others = (state.tagsAboard ?? []).filter((tag) => tag !== subject);
  const tracked = { ...state, tagsAboard: type === "seen" ? [...others, subject] : others };
  const { destinationId } = context;
  const isUnloaded = type === "gone" && tracked.tagsAboard.length === 0 && state.deliveryEvidence.vehicle;
  if (!isUnloaded || destinationId === null || state.locationId !== destinationId) return tracked;
  return leaveBehind(tracked, destinationId, fact.at, context);
}
