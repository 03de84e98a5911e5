import type { FactType, NewFact } from "../fact.ts";
import { byEventTime } from "../fact-order.ts";
import { statusAtRest } from "../place.ts";
import { alignClocks } from "./clocks.ts";
import { filterCrossReads } from "./cross-reads.ts";
import { explainPasses } from "./explained-passes.ts";
import { loadingsByReader } from "./reader-aboard.ts";
import { isPartOf } from "./place-parts.ts";
import { applyFact } from "./shipment-steps.ts";
import {
  isFinal,
  type FoldedShipment,
  NO_EVIDENCE,
  type OnVehicleInterval,
  type ShipmentContext,
  type ShipmentEvent,
  type ShipmentState,
  type StepContext,
} from "./state.ts";
import { isOfItsVehicle } from "./travel.ts";
import { dateBackArrivals } from "./silent-arrivals.ts";
import { VehicleTracks } from "./vehicle-track.ts";

/*
 * How facts become the state of a shipment:
 *
 * 1. The fold takes the shipment's own facts, those of its tags and of the handling unit it is packed in, and those of
 *    the vehicles that carried it. They are sorted by the time they happened, so the order in which they became known
 *    does not matter.
 * 2. The shipment starts with `created`, or with the first handling (load, unload, scan, proof, manual) if that was
 *    earlier: the record may be entered after the goods have left.
 * 3. Cross-reads of its tags are left out (cross-reads.ts): a read weaker than −65 dBm does not count while another read
 *    point reads the same tag at least 6 dB stronger.
 * 4. `loaded`, or a scan with the action `load`, puts the shipment on a vehicle. From then on it moves with `departed`
 *    and `arrived` of that vehicle only. It departs from the place where it is; if that place has no geofence, from any.
 * 5. `unloaded`, a scan with `receive` or `unload`, or a tag read inside a place puts it down there. Its status follows
 *    from the stage of the place. A read below confidence 0.85 is too weak to contradict other evidence (tag-evidence.ts);
 *    the first firm read that contradicts it makes the shipment an `exception`, the second moves it.
 * 6. At its destination it is `arrived`, and `delivered` with two of three kinds of evidence (delivery.ts).
 * 7. `delivered` and `cancelled` are final for sensors, but a delivery that nobody has signed for is open to stronger
 *    evidence, and goods that a person loads or puts down elsewhere are a return (reopening.ts). A `manual` fact is applied
 *    in every status, and holds until a later fact moves the shipment.
 * 8. A pass of no direction went in, if the next one goes out while its vehicle is elsewhere (explained-passes.ts).
 * 9. A pass through a gate, or an unloading by the vehicle's scanner, that is told just before the vehicle came or just after
 *    it left, happened while it was there: a clock is off (clocks.ts). If the vehicle's tracker was silent when it came, what is
 *    told of the goods there dates its arrival (silent-arrivals.ts).
 *
 * Example (minutes): created at the hub (0), loaded (10): `in_storage`. The vehicle departs from the hub (20):
 * `out_for_delivery`. It arrives at the shop (50): `arrived`. The shop's reader reads the tag (55): `delivered`.
 */

/**
 * Folds the facts of one shipment, given in any order. They may include facts of its vehicles from times when the
 * shipment was not on them: those only tell where the vehicles were.
 * @returns undefined when there is no `created` fact yet
 */
export function foldShipment<F extends NewFact>(
  facts: readonly F[],
  given: ShipmentContext,
): FoldedShipment<F> | undefined {
  let state: ShipmentState | undefined;
  const events: ShipmentEvent<F>[] = [];
  const onVehicle: OnVehicleInterval[] = [];
  const tracks = new VehicleTracks(dateBackArrivals(withEarlyStart(facts).sort(byEventTime), given));
  const context: StepContext = { ...given, tracks };
  const apply = (fact: F): void => {
    const before = state;
    state = before === undefined ? initialState(fact, given) : applyFact(before, fact, context);
    if (state === undefined) return;
    if (before !== state) trackVehicle(onVehicle, before?.vehicleId ?? null, state.vehicleId, fact.at);
    if (before !== state || isOfInterest(fact, state)) events.push({ fact, state });
  };
  const ordered = [...tracks.facts].sort(byEventTime);
  const loadings = loadingsByReader(ordered, tracks);
  const all = loadings.length === 0 ? ordered : [...ordered, ...loadings].sort(byEventTime);
  for (const { fact, stillReadAt } of alignClocks(filterCrossReads(explainPasses(all, context)), context)) {
    apply(fact);
    if (stillReadAt && isAtRestWhere(state, fact)) apply({ ...stillReadAt, at: fact.at });
  }
  return state && { state, events, onVehicle };
}

/** A fact that changed nothing, but that people ask about: a read of the tag elsewhere, a scan, or where its vehicle went. */
function isOfInterest(fact: NewFact, state: ShipmentState): boolean {
  switch (fact.type) {
    case "arrived":
    case "departed":
    case "passed":
      return isOfItsVehicle(state, fact);
    case "heard":
    case "seen": {
      const { locationId } = fact.data;
      const isKnown = fact.type === "seen" && fact.data.direction === "in" && state.locationId === locationId;
      return locationId !== null && !isKnown;
    }
    case "scanned":
    case "proof":
    case "excursion":
    case "excursion_over":
    case "risk":
    case "risk_over":
      return true;
    case "loaded":
    case "unloaded":
      // After the end a person's word may be without effect, but not unseen.
      return isFinal(state) && fact.subject.startsWith("shipment:");
    default:
      return false;
  }
}

/** Whether the shipment is on no vehicle, and at the place of this fact. */
function isAtRestWhere(state: ShipmentState | undefined, { data }: NewFact): boolean {
  return state?.vehicleId === null && "locationId" in data && state.locationId === data.locationId;
}

/** Facts that only exist if the shipment did: somebody handled it. */
const HANDLED: ReadonlySet<FactType> = new Set(["loaded", "unloaded", "scanned", "proof", "reported", "manual"]);

/** Moves `created` back to the first handling, if the record was entered later than that. */
function withEarlyStart<F extends NewFact>(facts: readonly F[]): F[] {
  const handled = facts.filter(({ type, subject }) => HANDLED.has(type) && subject.startsWith("shipment:"));
  const earliest = Math.min(...handled.map(({ at }) => at));
  return facts.map((fact) => (fact.type === "created" && earliest < fact.at ? { ...fact, at: earliest } : fact));
}

function initialState(fact: NewFact, context: ShipmentContext): ShipmentState | undefined {
  if (fact.type !== "created") return undefined;
  const { stage, locationId } = fact.data;
  return {
    status: statusAtRest(stage, isPartOf(locationId, context.destinationId, context)),
    stage,
    stageSince: fact.at,
    locationId,
    vehicleId: null,
    tagsAboard: null,
    goneOut: [],
    takenOff: null,
    deliveryEvidence: NO_EVIDENCE,
    leftDestination: false,
    originId: locationId,
    isRefused: false,
    manualOverride: null,
  };
}

/** A stay of no time is left out: two on the same vehicle at the same time would be one and the same. */
function trackVehicle(intervals: OnVehicleInterval[], before: number | null, after: number | null, at: number): void {
  if (before === after) return;
  const open = intervals.at(-1);
  if (before !== null && open?.from === at) intervals.pop();
  else if (before !== null && open) open.to = at;
  if (after !== null) intervals.push({ vehicleId: after, from: at, to: null });
}
