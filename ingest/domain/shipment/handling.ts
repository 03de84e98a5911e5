import type { NewFact } from "../fact.ts";
import { CLOCK_MS } from "./clocks.ts";
import { fenceOf, isAtDestination } from "./place-parts.ts";
import { putDown, putDownOutside } from "./put-down.ts";
import { enterStage, stageOf, statusPutDown } from "./stage.ts";
import type { ShipmentState, StepContext } from "./state.ts";
import { arrive, onTheRoad } from "./travel.ts";
import type { VehicleTrack } from "./vehicle-track.ts";

/*
 * What people and scanners do with a shipment:
 *
 * 1. It is loaded where the vehicle is at that time. If the vehicle has left that place already, or drives and does not come there
 *    next, the shipment has been under way since it was loaded; booked before the vehicle has come, it waits where it is. If the vehicle
 *    is in another place than the shipment was thought to be, the shipment was there. While its tracker is silent it may have come to
 *    the shipment's place already.
 * 2. It is put down at a place: by `unloaded`, by a scan, or by a pass of its tag through a gate (tag-evidence.ts). What
 *    that means depends on the place (stage.ts).
 * 3. It is scanned where the scanner is: at the place that the scan names, else where the scanner is mounted; on a
 *    vehicle, in the place where the vehicle is, else in the street. Where places overlap or one lies in another, the
 *    destination is meant, else the place where the shipment is, else the one that the vehicle entered last.
 * 4. A scan of any other kind at a fixed place (count, pick, none) shows that it is there.
 * 5. A scanner at the dock that loads does not say onto which vehicle. It confirms a loading while that vehicle stands there, and up to two
 *    minutes after it has left: a clock is off. Else it shows that the shipment is there.
 */

/** @param locationId where it was loaded, if the fact says so */
export function load(
  state: ShipmentState,
  vehicleId: number,
  locationId: number | null,
  at: number,
  context: StepContext,
): ShipmentState {
  const track = context.tracks.of(vehicleId);
  const there = track.placesAt(at);
  const here = state.locationId === null ? null : fenceOf(state.locationId, context);
  const isKnown = there.length > 0 || (track.isOnRoad(at) && !track.mayHaveCome(here, at));
  const isSame = vehicleId === state.vehicleId;
  if (isSame && (locationId === null || locationId === state.locationId)) return stillAboard(state);
  const taken: ShipmentState = {
    ...state,
    vehicleId,
    tagsAboard: isSame ? state.tagsAboard : null,
    goneOut: isSame ? state.goneOut : [],
    isRefused: state.isRefused && isSame,
    leftDestination: false,
    deliveryEvidence: { ...state.deliveryEvidence, vehicle: false, tag: false },
  };
  const place = !isKnown ? locationId : placeOf(there, [locationId, state.locationId]);
  const hasSetOut =
    state.locationId === null ||
    (here !== null && track.lastLeft(at) === here) ||
    (here !== null && mayHaveTaken(state, here, at, track)) ||
    (track.isDriving(at, at) && (here === null || track.nextPlace(at) !== here));
  if (isKnown && place === null && hasSetOut) return onTheRoad(taken, at, context);
  if (place !== null && isAtDestination(place, context) && isKnown) return arrive(taken, place, at, context);
  if (place === null || place === state.locationId) return withStatusOfPlace(taken, context);
  const stage = stageOf(place, context) ?? state.stage;
  return withStatusOfPlace(enterStage({ ...taken, locationId: place }, stage, at), context);
}

/** The vehicle has left the place, and does not come there next, or the goods stood there when it left. */
function mayHaveTaken({ stageSince }: ShipmentState, here: number, at: number, track: VehicleTrack): boolean {
  const sinceLeavingMs = track.sinceLeaving(here, at);
  if (sinceLeavingMs === undefined) return false;
  return track.nextPlace(at) !== here || stageSince <= at - sinceLeavingMs;
}

/** It was not left at the destination: it is loaded again, or its reader hears it. */
function stillAboard(state: ShipmentState): ShipmentState {
  return state.leftDestination ? { ...state, leftDestination: false } : state;
}

/** Which of the places the vehicle is in is meant. */
function placeOf(there: readonly number[], expected: readonly (number | null)[]): number | null {
  return expected.find((id) => id !== null && there.includes(id)) ?? there[0] ?? null;
}

/** On a vehicle that has not left yet it has the status of the place; an exception has been resolved by loading it. */
function withStatusOfPlace(state: ShipmentState, context: StepContext): ShipmentState {
  if (state.locationId === null) return state;
  const stage = stageOf(state.locationId, context) ?? state.stage;
  const status = statusPutDown({ ...state, originId: state.locationId }, state.locationId, stage, context);
  return { ...state, status: status === "arrived" ? state.status : status };
}

export function applyScan(
  state: ShipmentState,
  fact: NewFact & { type: "scanned" },
  context: StepContext,
  applyProof: (state: ShipmentState, at: number) => ShipmentState,
): ShipmentState {
  const { at } = fact;
  const { action, locationId, vehicleId } = fact.data;
  const track = vehicleId === null ? undefined : context.tracks.of(vehicleId);
  const fence = (id: number | null): number | null => (id === null ? null : fenceOf(id, context));
  const place =
    locationId ?? placeOf(track?.placesAt(at) ?? [], [fence(context.destinationId), fence(state.locationId)]);
  switch (action) {
    case "load":
      if (vehicleId !== null) return load(state, vehicleId, locationId, at, context);
      return place === null || isOnVehicleAt(state, fence(place), at, context)
        ? state
        : putDown(state, place, at, context);
    case "deliver": {
      if (place === null || isAtDestination(place, context) || context.destinationId === null) {
        const there = place === null ? state : putDown(state, place, at, context);
        return applyProof(there, at);
      }
      return putDown(state, place, at, context);
    }
    case "receive":
    case "unload":
      if (place !== null) return putDown(state, place, at, context);
      return track?.isOnRoad(at) ? putDownOutside(state) : state;
    default:
      // Somebody counts or picks it here. On a vehicle it may still be aboard: then only its vehicle says where it is, unless
      // that was at the destination and has left it there.
      if (place === null) return state;
      return state.vehicleId === null || isLeftAt(state, place, context) ? putDown(state, place, at, context) : state;
  }
}

function isOnVehicleAt(
  { vehicleId, locationId }: ShipmentState,
  there: number | null,
  at: number,
  context: StepContext,
) {
  if (vehicleId === null || there === null) return false;
  const track = context.tracks.of(vehicleId);
  if (locationId === null && (track.sinceLeaving(there, at) ?? Infinity) <= CLOCK_MS) return true;
  const places = track.placesAt(at);
  return places.length > 0 ? places.includes(there) : locationId !== null && fenceOf(locationId, context) === there;
}

function isLeftAt({ leftDestination }: ShipmentState, place: number, context: StepContext): boolean {
  return leftDestination && isAtDestination(place, context);
}
