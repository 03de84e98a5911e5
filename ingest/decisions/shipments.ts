import { isDeepStrictEqual } from "node:util";
import { staysOf } from "../domain/analytics/stays.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { groupBy } from "../domain/group-by.ts";
import type { Places } from "../domain/place.ts";
import { type DriversByToken, VehicleDrivers } from "../domain/custody/drivers.ts";
import { isWithin } from "../domain/time-range.ts";
import { foldShipment } from "../domain/shipment/shipment.ts";
import type { FoldedShipment } from "../domain/shipment/state.ts";
import { type CustodyChange, custodyChange } from "./custody.ts";
import type { FactChanges } from "./fact-changes.ts";
import type { OnVehicleRow, InventoryRow, ShipmentRow, StayRow } from "../stores/writes/shipments.ts";
import type { StoredShipment, ShipmentHistories } from "../stores/queries/shipment-history.ts";
import { VersionMismatch } from "./version-mismatch.ts";

export interface ShipmentDecision {
  /** rows that change */
  rows: ShipmentRow[];
  onVehicle: OnVehicleRow[];
  inventory: InventoryRow[];
  /** what the custody logs do not say yet */
  custody: CustodyChange[];
  /** of every shipment that was folded: they may change while it stands where it stood */
  foldedIds: number[];
  stays: StayRow[];
}

/**
 * Folds every affected shipment, and returns the rows that change.
 * @throws VersionMismatch when a person's change was based on an older row
 */
export function decideShipments(
  histories: ShipmentHistories,
  changes: FactChanges,
  places: Places,
  drivers: DriversByToken,
): ShipmentDecision {
  const decision: ShipmentDecision = {
    rows: [],
    onVehicle: [],
    inventory: [],
    foldedIds: [],
    stays: [],
    custody: [],
  };
  const withdrawnKeys = new Set(changes.withdrawn.map(({ key }) => key));
  const added = groupBy(changes.added, (fact) => fact.subject);
  for (const before of histories.shipments) {
    const subject: Subject = `shipment:${before.id}`;
    const expected = changes.expected?.get(subject);
    if (expected !== undefined && expected !== before.version) throw new VersionMismatch(subject);
    const facts = historyOf(before, histories, added, withdrawnKeys);
    const folded = foldShipment<NewFact>(facts, { ...contextOf(before), places });
    if (folded === undefined) continue;
    decision.foldedIds.push(before.id);
    decision.stays.push(...staysOf(folded.events).map((stay) => ({ shipmentId: before.id, ...stay })));
    const custody = custodyChange(
      before.id,
      before.custody,
      folded,
      new VehicleDrivers(facts, before.plannedDrivers, drivers),
    );
    if (custody !== undefined) decision.custody.push(custody);
    // Who has read the history has an old one when only something in its middle has changed.
    const isRetold = before.custody !== null && custody !== undefined;
    if (!(differs(before, folded) || isRetold || hasOwnChange(changes, added, subject))) continue;
    decision.rows.push({ id: before.id, ...rowOf(folded) });
    decision.onVehicle.push(...folded.onVehicle.map((interval) => ({ shipmentId: before.id, ...interval })));
    const { locationId, status } = folded.state;
    if (locationId !== null && status !== "cancelled") {
      decision.inventory.push({ shipmentId: before.id, locationId, quantity: before.quantity });
    }
  }
  return decision;
}

const contextOf = ({ destinationId, plannedStops }: StoredShipment) => ({ destinationId, plannedStops });

/**
 * The shipment's facts: the recorded ones, replaced by new ones of the same key. Of the batch's vehicle facts only those of
 * vehicles it was ever loaded on: with all of them, the cost would grow with the square of the fleet.
 */
function historyOf(
  before: StoredShipment,
  histories: ShipmentHistories,
  added: ReadonlyMap<Subject, readonly NewFact[]>,
  withdrawnKeys: ReadonlySet<string>,
): NewFact[] {
  const facts = new Map<string, NewFact>();
  const put = (some: readonly NewFact[] = []) => some.forEach((fact) => facts.set(fact.key, fact));
  put(histories.facts.get(before.id));
  put(added.get(`shipment:${before.id}`));
  for (const { epc, ...span } of histories.tags.get(before.id) ?? []) {
    put(added.get(`tag:${epc}`)?.filter(({ at }) => isWithin(span, at)));
  }
  for (const vehicleId of vehiclesOf(facts.values())) put(added.get(`vehicle:${vehicleId}`));
  return [...facts.values()].filter(({ key }) => !withdrawnKeys.has(key));
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

/** Whether anything that is stored differs. The times on vehicles may change while the shipment stands where it stood. */
function differs(before: StoredShipment, folded: FoldedShipment<NewFact>): boolean {
  const stored = { ...rowOf(folded), onVehicle: folded.onVehicle };
  return Object.entries(stored).some(
    ([name, value]) => !isDeepStrictEqual(before[name as keyof StoredShipment], value),
  );
}

/** New facts of the shipment itself always count as a change, even if they change only its history. */
function hasOwnChange(
  changes: FactChanges,
  added: ReadonlyMap<Subject, readonly NewFact[]>,
  subject: Subject,
): boolean {
  if (added.has(subject)) return true;
  return changes.onlyCustody === undefined && (changes.refold?.includes(subject) ?? false);
}
