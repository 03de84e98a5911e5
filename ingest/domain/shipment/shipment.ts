import {
  byTime,
  type Fact,
  type FactType,
  type NewFact,
  type ShipmentStatus,
  type Stage,
  type Subject,
} from "../fact.ts";
import { type DeliveryEvidence, NO_EVIDENCE } from "./delivery.ts";
import { withoutNeighbours } from "./cross-reads.ts";
import { type Places, statusAtRest } from "../place.ts";
import { afterFact } from "./shipment-steps.ts";

/**
 * Where a shipment is and how far it has come: a fold over its own facts, those of its tags and of what it is packed in
 * while it is, and those of the vehicles it was aboard. Nothing here knows in which order the facts became known.
 */
export interface ShipmentState {
  status: ShipmentStatus;
  stage: Stage;
  /** since when the stage holds, epoch milliseconds */
  stageSince: number;
  locationId: number | null;
  /** the vehicle it is aboard */
  vehicleId: number | null;
  /** the fences that vehicle has been seen to enter and not to leave since it took the shipment */
  vehicleIn: readonly number[];
  /** which of its tags are being read aboard that vehicle; null: none ever was */
  readAboard: readonly Subject[] | null;
  /** what speaks for its delivery, since it was last under way */
  evidence: DeliveryEvidence;
  /** where it was before a person's word that nothing has gone beyond yet */
  overruled: { locationId: number | null } | null;
}

/** What the fold needs besides facts. */
export interface ShipmentContext {
  destinationId: number | null;
  places: Places;
}

/** From when to when (open end: null) it was aboard a vehicle, epoch milliseconds. */
export interface AboardInterval {
  vehicleId: number;
  from: number;
  to: number | null;
}

/** A fact of the shipment's story, with the state after it. */
export interface ShipmentEvent<F extends NewFact = Fact> {
  fact: F;
  state: ShipmentState;
}

export interface FoldedShipment<F extends NewFact = Fact> {
  state: ShipmentState;
  events: ShipmentEvent<F>[];
  aboard: AboardInterval[];
}

/**
 * Folds a shipment's story. Facts may come in any order and may include facts of vehicles from before or after the
 * shipment was aboard: those are left out.
 * @returns undefined when there is no `created` fact yet
 */
export function foldShipment<F extends NewFact>(
  facts: readonly F[],
  context: ShipmentContext,
): FoldedShipment<F> | undefined {
  let state: ShipmentState | undefined;
  const events: ShipmentEvent<F>[] = [];
  const aboard: AboardInterval[] = [];
  const follow = (fact: F): void => {
    const after = state === undefined ? begin(fact, context) : afterFact(state, fact, context);
    if (after === undefined || after === state) return;
    trackAboard(aboard, state?.vehicleId ?? null, after.vehicleId, fact.at);
    state = after;
    events.push({ fact, state });
  };
  for (const { fact, stillAt } of withoutNeighbours(withEarlyBeginning(facts).sort(byTime))) {
    follow(fact);
    if (stillAt && isLeft(state, fact)) follow({ ...stillAt, at: fact.at });
  }
  return state && { state, events, aboard };
}

/** Whether it lay where its tag is no longer read. */
function isLeft(state: ShipmentState | undefined, { data }: NewFact): boolean {
  return state?.vehicleId === null && "locationId" in data && state.locationId === data.locationId;
}

/** What somebody did with this very shipment: it must have been there. */
const HANDLED: ReadonlySet<FactType> = new Set(["loaded", "unloaded", "scanned", "proof", "manual"]);

/** Papers may be written after the goods have left: a shipment begins when the first thing was done with it, at the latest. */
function withEarlyBeginning<F extends NewFact>(facts: readonly F[]): F[] {
  const handled = facts.filter(({ type, subject }) => HANDLED.has(type) && subject.startsWith("shipment:"));
  const earliest = Math.min(...handled.map(({ at }) => at));
  return facts.map((fact) => (fact.type === "created" && earliest < fact.at ? { ...fact, at: earliest } : fact));
}

function begin(fact: NewFact, context: ShipmentContext): ShipmentState | undefined {
  if (fact.type !== "created") return undefined;
  const { stage, locationId } = fact.data;
  return {
    status: statusAtRest(stage, locationId !== null && locationId === context.destinationId),
    stage,
    stageSince: fact.at,
    locationId,
    vehicleId: null,
    vehicleIn: [],
    readAboard: null,
    evidence: NO_EVIDENCE,
    overruled: null,
  };
}

function trackAboard(aboard: AboardInterval[], before: number | null, after: number | null, at: number): void {
  if (before === after) return;
  const open = aboard.at(-1);
  if (before !== null && open) open.to = at;
  if (after !== null) aboard.push({ vehicleId: after, from: at, to: null });
}
