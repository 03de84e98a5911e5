import type { Evidence, FactData, FactType, NewFact, ShipmentStatus, Stage } from "../fact.ts";
import { type CustodyDriver, isSameDriver, VehicleDrivers } from "./drivers.ts";
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
  /** `driver_changed`: somebody else drives the vehicle that carries the goods */
  event: FactType | "driver_changed";
  /** ISO 8601 */
  at: string;
  status: ShipmentStatus;
  stage: Stage;
  /** null: it was created */
  from: Holder | null;
  to: Holder;
  /** who drove the vehicle that had the goods then; null: no vehicle, or nobody knows. Entries of earlier versions have none */
  driver?: CustodyDriver | null;
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

const NOBODY = new VehicleDrivers([], [], new Map());

/** In the order in which they happened. */
export function milestonesOf(
  { events }: Pick<FoldedShipment<NewFact>, "events">,
  drivers: VehicleDrivers = NOBODY,
): Milestone[] {
  const milestones: Milestone[] = [];
  const seen = new Map<string, number>();
  let before: ShipmentState | undefined;
  let last: CustodyDriver | null = null;
  let lastAt = Number.NEGATIVE_INFINITY;
  const addChanges = (until: number): void => {
    if (!before || before.vehicleId === null) return;
    for (const { key, at, driver, fact } of drivers.changesBetween(before.vehicleId, lastAt, until)) {
      if (isSameDriver(driver, last)) continue;
      last = driver;
      milestones.push({ key, content: changeOfDriver(before, at, driver, fact) });
    }
  };
  for (const event of events) {
    addChanges(event.fact.at);
    lastAt = event.fact.at;
    if (event.fact.type !== "proof" && !hasMoved(before, event.state)) continue;
    const name = `${event.fact.key} ${event.fact.type}`;
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    const { vehicleId } = event.state;
    last = vehicleId === null ? null : drivers.at(vehicleId, event.fact.at);
    const content = { ...contentOf(event, before), driver: last };
    milestones.push({ key: times === 1 ? name : `${name} ${times}`, content });
    before = event.state;
  }
  addChanges(Number.POSITIVE_INFINITY);
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

/** The goods stay where they are, in other hands. */
function changeOfDriver(
  state: ShipmentState,
  at: number,
  driver: CustodyDriver | null,
  fact: NewFact | undefined,
): CustodyContent {
  return {
    event: "driver_changed",
    at: new Date(at).toISOString(),
    status: state.status,
    stage: state.stage,
    from: holderOf(state),
    to: holderOf(state),
    received_by: null,
    outcome: null,
    outcome_reason: null,
    lines: [],
    attachments: [],
    rule: fact?.rule ?? "person",
    confidence: fact?.confidence ?? 1,
    device_id: fact?.deviceId ?? null,
    evidence: fact?.evidence ?? [],
    driver,
  };
}

const holderOf = ({ locationId, vehicleId }: ShipmentState): Holder => ({
  location_id: locationId,
  vehicle_id: vehicleId,
});
