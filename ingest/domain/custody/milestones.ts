import type { Evidence, FactData, FactType, NewFact, ShipmentStatus, Stage } from "../fact.ts";
import type { FoldedShipment, ShipmentEvent, ShipmentState } from "../shipment/state.ts";

/*
 * In whose hands a shipment was: the events of its fold at which its place, its vehicle, its stage or its status changed, and each
 * proof of delivery. The custody log and the outbox tell of these, and of nothing else (log.ts).
 */

/** Where goods are held. */
export interface Holder {
  location_id: number | null;
  vehicle_id: number | null;
}

/** What the log says of one event. Names as they are published. */
export interface CustodyContent {
  event: FactType;
  /** ISO 8601 */
  at: string;
  status: ShipmentStatus;
  stage: Stage;
  /** null: it was created */
  from: Holder | null;
  to: Holder;
  /** who has taken the goods, of a proof of delivery */
  received_by: string | null;
  outcome: FactData["proof"]["outcome"] | null;
  /** why not all of it was taken */
  outcome_reason: string | null;
  /** how much of each line was taken; empty: nobody has said */
  lines: readonly { line: number; quantity: number }[];
  /** of a proof of delivery; SHA-256 in hexadecimal digits */
  attachments: readonly { id: number; kind: string; sha256: string }[];
  rule: string;
  /** 0 to 1 */
  confidence: number;
  device_id: string | null;
  evidence: readonly Evidence[];
}

export interface Milestone {
  /** the same for the same event, whatever else becomes known */
  key: string;
  content: CustodyContent;
}

/** In the order in which they happened. */
export function milestonesOf({ events }: Pick<FoldedShipment<NewFact>, "events">): Milestone[] {
  const milestones: Milestone[] = [];
  const seen = new Map<string, number>();
  let before: ShipmentState | undefined;
  for (const event of events) {
    if (event.fact.type !== "proof" && !hasMoved(before, event.state)) continue;
    const name = `${event.fact.key} ${event.fact.type}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    milestones.push({ key: times === 1 ? name : `${name} ${times}`, content: contentOf(event, before) });
    before = event.state;
  }
  return milestones;
}

function hasMoved(before: ShipmentState | undefined, { status, stage, locationId, vehicleId }: ShipmentState): boolean {
  if (before === undefined) return true;
  return (
    before.status !== status ||
    before.stage !== stage ||
    before.locationId !== locationId ||
    before.vehicleId !== vehicleId
  );
}

function contentOf({ fact, state }: ShipmentEvent<NewFact>, before: ShipmentState | undefined): CustodyContent {
  const proof = fact.type === "proof" ? fact.data : undefined;
  return {
    event: fact.type,
    at: new Date(fact.at).toISOString(),
    status: state.status,
    stage: state.stage,
    from: before === undefined ? null : holderOf(before),
    to: holderOf(state),
    received_by: proof?.name ?? null,
    outcome: proof === undefined ? null : (proof.outcome ?? "delivered"),
    outcome_reason: proof?.reason ?? null,
    lines: (proof?.lines ?? []).map(({ line, quantity }) => ({ line, quantity })),
    attachments: (proof?.attachments ?? []).map(({ id, kind, sha256 }) => ({ id, kind, sha256 })),
    rule: fact.rule,
    confidence: Math.round(fact.confidence * 1000) / 1000,
    device_id: fact.deviceId ?? null,
    evidence: fact.evidence,
  };
}

const holderOf = ({ locationId, vehicleId }: ShipmentState): Holder => ({
  location_id: locationId,
  vehicle_id: vehicleId,
});
