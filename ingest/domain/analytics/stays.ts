import type { NewFact, ShipmentStatus, Stage } from "../fact.ts";
import type { ShipmentEvent } from "../shipment/state.ts";

/*
 * Stays: when the goods of a shipment were in which stage at which place. They follow from the same fold as its state, so a late
 * or a withdrawn fact ends in the stays of its true story.
 *
 * 1. A stay begins when the shipment comes into a stage or to a place, and ends when it leaves either. On the road there is no place.
 * 2. A stay of no time is left out: two facts of one instant are one step.
 * 3. A delivered or cancelled shipment waits for nothing: its stay ends then. A return begins a new one.
 */

/** Why a stay has ended. `delivered_partly`: the receiver has signed for a part of the goods. */
export type StayEnd = "moved" | "delivered" | "delivered_partly" | "cancelled";

/** Times in epoch milliseconds. */
export interface Stay {
  stage: Stage;
  /** null: on the road, or nobody knows */
  locationId: number | null;
  from: number;
  /** null: it still is there */
  to: number | null;
  /** null while it is there */
  end: StayEnd | null;
}

/** The stays of a shipment, from the events of its fold (shipment.ts), in order. */
export function staysOf<F extends NewFact>(events: readonly ShipmentEvent<F>[]): Stay[] {
  const isPartly = events.some(({ fact }) => fact.type === "proof" && fact.data.outcome === "partly");
  const stays: Stay[] = [];
  for (const { fact, state } of events) {
    const open = stays.at(-1)?.to === null ? stays.at(-1) : undefined;
    const end = endOf(state.status, isPartly);
    if (end !== null) {
      if (open !== undefined) close(stays, open, fact.at, end);
      continue;
    }
    const { stage, locationId } = state;
    if (open !== undefined && open.stage === stage && open.locationId === locationId) continue;
    if (open !== undefined) close(stays, open, fact.at, "moved");
    begin(stays, { stage, locationId, from: fact.at, to: null, end: null });
  }
  return stays;
}

function endOf(status: ShipmentStatus, isPartly: boolean): StayEnd | null {
  if (status === "delivered") return isPartly ? "delivered_partly" : "delivered";
  return status === "cancelled" ? "cancelled" : null;
}

/** A delivery is kept even where it takes no time: it is what people ask about. */
function close(stays: Stay[], open: Stay, at: number, end: StayEnd): void {
  if (open.from === at && end === "moved") stays.pop();
  else Object.assign(open, { to: at, end });
}

/** Goods that were away for no time have not been away. */
function begin(stays: Stay[], next: Stay): void {
  const last = stays.at(-1);
  const goesOn = last?.end === "moved" && last.to === next.from && isSamePlace(last, next);
  if (goesOn) Object.assign(last, { to: null, end: null });
  else if (last?.from === next.from) stays[stays.length - 1] = next;
  else stays.push(next);
}

const isSamePlace = (a: Stay, b: Stay): boolean => a.stage === b.stage && a.locationId === b.locationId;
