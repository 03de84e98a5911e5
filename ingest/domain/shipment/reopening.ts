import type { NewFact } from "../fact.ts";
import { fenceOf, isAtDestination } from "./place-parts.ts";
import type { ShipmentState, StepContext } from "./state.ts";

/*
 * What opens a delivery again:
 *
 * 1. While nobody has signed for it, and sensors alone have shown it: the goods are loaded again, or, within twelve hours of their
 *    arrival, their tag is heard aboard a vehicle that drives, or it goes in at another place's gate. Later that is the empty pallet.
 * 2. Once somebody has signed, only what a person says, for the tag of a pallet that comes back empty is read at many gates:
 *    the goods are loaded again, put down at another place, or received by its scanner. Then they are a return.
 * 3. A vehicle that is known to be elsewhere at that time cannot take what was signed for: that is the loading of before,
 *    told late or by a wrong clock. For the same reason a scanner on a vehicle must name the place where it unloads them.
 */

/** Empty pallets come back later than goods that were not delivered, milliseconds after the arrival. */
const GOODS_RETURN_MS = 12 * 3_600_000;

/** Whether a person says that it was delivered. */
export function isSigned({ deliveryEvidence, manualOverride }: ShipmentState): boolean {
  return deliveryEvidence.proof || manualOverride !== null;
}

export function opensAgain(state: ShipmentState, fact: NewFact, context: StepContext): boolean {
  const heardAt = fact.type === "seen" ? fact.at : fact.type === "loaded" ? fact.data.heardSince : undefined;
  const isOfPallet = heardAt !== undefined && heardAt - state.stageSince > GOODS_RETURN_MS;
  return (!isSigned(state) && !isOfPallet && isTakenElsewhere(fact, context)) || isHandledAgain(state, fact, context);
}

/** Step 1. */
function isTakenElsewhere(fact: NewFact, context: StepContext): boolean {
  if (fact.type === "loaded") return fact.data.ifLeftBy !== true;
  if (fact.type === "scanned" && fact.data.action === "load") return true;
  if (fact.type !== "seen" || !fact.data.portal || fact.data.direction !== "in") return false;
  return fact.data.locationId !== null && !isAtDestination(fact.data.locationId, context);
}

/** Step 2. */
function isHandledAgain(state: ShipmentState, fact: NewFact, context: StepContext): boolean {
  const isElsewhere = (id: number) => id !== state.locationId && !isAtDestination(id, context);
  switch (fact.type) {
    case "loaded":
      // A reader aboard derives loadings of the tag from its reads.
      return fact.subject.startsWith("shipment:") && canTake(state, fact.data.vehicleId, fact.at, context);
    case "unloaded":
      return isElsewhere(fact.data.locationId);
    case "scanned": {
      const { action, vehicleId, locationId } = fact.data;
      if (action === "load") return vehicleId !== null && canTake(state, vehicleId, fact.at, context);
      const isPutDown = action === "unload" || action === "receive";
      return isPutDown && locationId !== null && isElsewhere(locationId);
    }
    default:
      return false;
  }
}

/** Step 3. */
function canTake({ locationId }: ShipmentState, vehicleId: number, at: number, context: StepContext): boolean {
  const fence = locationId === null ? null : fenceOf(locationId, context);
  if (fence === null) return true;
  const track = context.tracks.of(vehicleId);
  const places = track.placesAt(at);
  return places.length > 0 ? places.includes(fence) : !track.isOnRoad(at);
}
