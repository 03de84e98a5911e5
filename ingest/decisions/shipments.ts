import type { NewFact, Subject } from "../domain/fact.ts";
import { groupBy } from "../domain/group-by.ts";
import type { Places } from "../domain/place.ts";
import { isWithin } from "../domain/time-range.ts";
import { foldShipment } from "../domain/shipment/shipment.ts";
import type { FoldedShipment } from "../domain/shipment/state.ts";
import type { FactChanges } from "./fact-changes.ts";
import type { AboardRow, GoodsRow, ShipmentRow } from "../stores/writes/shipments.ts";
import type { ShipmentBefore, ShipmentHistories } from "../stores/queries/shipment-history.ts";
import { VersionMismatch } from "./version-mismatch.ts";

export interface ShipmentDecision {
  /** rows that change */
  rows: ShipmentRow[];
  aboard: AboardRow[];
  goods: GoodsRow[];
}

/** Folds every shipment concerned and keeps what differs from its row. Pure but for the exception. */
export function decideShipments(histories: ShipmentHistories, changes: FactChanges, places: Places): ShipmentDecision {
  const decision: ShipmentDecision = { rows: [], aboard: [], goods: [] };
  const gone = new Set(changes.withdrawn.map(({ key }) => key));
  const added = groupBy(changes.added, (fact) => fact.subject);
  for (const before of histories.shipments) {
    const subject: Subject = `shipment:${before.id}`;
    const expected = changes.expected?.get(subject);
    if (expected !== undefined && expected !== before.version) throw new VersionMismatch(subject);
    const facts = historyOf(before, histories, added, gone);
    const folded = foldShipment<NewFact>(facts, { destinationId: before.destinationId, places });
    if (folded === undefined || (!rowDiffers(before, folded) && !hasOwnChange(changes, subject))) continue;
    decision.rows.push({ id: before.id, ...rowOf(folded) });
    decision.aboard.push(...folded.onVehicle.map((interval) => ({ shipmentId: before.id, ...interval })));
    const { locationId, status } = folded.state;
    if (locationId !== null && status !== "cancelled") {
      decision.goods.push({ shipmentId: before.id, locationId, quantity: before.quantity });
    }
  }
  return decision;
}

/**
 * The recorded facts with the new ones in place of their older selves. Of vehicles only those the shipment was ever
 * loaded on: with all of a batch's, a fleet costs its square.
 */
function historyOf(
  before: ShipmentBefore,
  histories: ShipmentHistories,
  added: ReadonlyMap<Subject, readonly NewFact[]>,
  gone: ReadonlySet<string>,
): NewFact[] {
  const facts = new Map<string, NewFact>();
  const take = (some: readonly NewFact[] = []) => some.forEach((fact) => facts.set(fact.key, fact));
  take(histories.facts.get(before.id));
  take(added.get(`shipment:${before.id}`));
  for (const { epc, ...span } of histories.tags.get(before.id) ?? []) {
    take(added.get(`tag:${epc}`)?.filter(({ at }) => isWithin(span, at)));
  }
  for (const vehicleId of vehiclesOf(facts.values())) take(added.get(`vehicle:${vehicleId}`));
  return [...facts.values()].filter(({ key }) => !gone.has(key));
}

function vehiclesOf(facts: Iterable<NewFact>): Set<number> {
  const vehicles = new Set<number>();
  for (const { data } of facts) if ("vehicleId" in data && data.vehicleId !== null) vehicles.add(data.vehicleId);
  return vehicles;
}

function rowOf({ state }: FoldedShipment<NewFact>): Omit<ShipmentRow, "id"> {
  const { status, stage, stageSince, locationId, vehicleId } = state;
  return { status, stage, stageSince, locationId, vehicleId };
}

function rowDiffers(before: ShipmentBefore, folded: FoldedShipment<NewFact>): boolean {
  return Object.entries(rowOf(folded)).some(([name, value]) => before[name as keyof ShipmentBefore] !== value);
}

/** A shipment's own new facts always count as a change of it, if only of its history. */
function hasOwnChange(changes: FactChanges, subject: Subject): boolean {
  return changes.added.some((fact) => fact.subject === subject) || (changes.refold?.includes(subject) ?? false);
}
