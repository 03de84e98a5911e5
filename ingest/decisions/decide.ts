import type { Pool, PoolClient } from "pg";
import type { NewFact, Subject } from "../domain/fact.ts";
import type { FactChanges } from "./fact-changes.ts";
import type { Places } from "../domain/place.ts";
import { decideShipments, type ShipmentDecision } from "./shipments.ts";
import { decideSerials, type SerialDecision } from "./serials.ts";
import { decideUnits } from "./units.ts";
import { decideStock, type StockDecision } from "./stock.ts";
import { UNEXPLAINED_REMOVAL } from "../domain/stock/unexplained-removal.ts";
import { stockChangeSubject } from "../stores/queries/stock-changes.ts";
import { type TimerRow, writeTimers } from "../stores/writes/timers.ts";
import { addFacts, lockVersions, withdrawFacts } from "../stores/writes/facts.ts";
import { writeOnVehicle, writeInventory, writeShipments } from "../stores/writes/shipments.ts";
import type { Write } from "../stores/statement.ts";
import { loadShipmentHistories } from "../stores/queries/shipment-history.ts";
import { lotsOfFacts, writeLots } from "../stores/writes/lots.ts";
import { writeMovements } from "../stores/writes/movements.ts";
import { writeStock } from "../stores/writes/stock.ts";

export interface Decision {
  writes: Write[];
  shipmentIds: number[];
  stockIds: number[];
  /** the stock positions that changed, with their new state */
  stock: StockDecision["rows"];
  /** scans of serials that turn out to be repeats */
  repeats: SerialDecision["repeats"];
}

/**
 * Turns changed facts into the rows that follow from them: loads the histories they belong to, folds these, and returns
 * the writes to commit, guarded by the versions that were read. It writes nothing itself.
 * @throws VersionMismatch when a person's change was based on an older row
 */
export async function decide(client: Pool | PoolClient, given: FactChanges, places: Places): Promise<Decision> {
  const units = await decideUnits(client, given);
  const serials = await decideSerials(client, given);
  const changes: FactChanges = {
    ...given,
    added: [...given.added, ...units.added, ...serials.added],
    withdrawn: [...given.withdrawn, ...units.withdrawn, ...serials.withdrawn],
  };
  const touched = new Map<Subject, number[]>();
  for (const { subject, at } of [...changes.added, ...changes.withdrawn]) {
    const times = touched.get(subject);
    if (times) times.push(at);
    else touched.set(subject, [at]);
  }
  for (const subject of changes.refold ?? []) touched.set(subject, touched.get(subject) ?? []);
  if (touched.size === 0) return { writes: [], shipmentIds: [], stockIds: [], stock: [], repeats: [] };

  const subjects = [...touched.keys()];
  const stock = await decideStock(client, idsOf("stock", subjects), changes);
  const histories = await loadShipmentHistories(
    client,
    {
      shipmentIds: idsOf("shipment", subjects),
      tags: subjects.filter((subject) => subject.startsWith("tag:")).map((subject) => subject.slice(4)),
      vehicleTimes: idsOf("vehicle", subjects).flatMap((vehicleId) =>
        (touched.get(`vehicle:${vehicleId}`) ?? []).map((at) => ({ vehicleId, at })),
      ),
      loadings: changes.added.flatMap(loadingOf),
      readsAboard: changes.added.flatMap(readAboardOf),
    },
    subjects.filter((subject) => !subject.startsWith("stock:")),
  );
  const shipments = decideShipments(histories, changes, places);
  const versions = new Map<Subject, number>([
    ...histories.versions,
    ...stock.versions,
    ...units.versions,
    ...serials.versions,
  ]);
  return {
    writes: [...writesOf(changes, versions, shipments, stock), ...units.writes, ...serials.writes],
    shipmentIds: shipments.rows.map(({ id }) => id),
    stockIds: stock.rows.map(({ id }) => id),
    stock: stock.rows,
    repeats: serials.repeats,
  };
}

function idsOf(kind: "shipment" | "vehicle" | "stock", subjects: readonly Subject[]): number[] {
  const prefix = `${kind}:`;
  return subjects
    .filter((subject) => subject.startsWith(prefix))
    .map((subject) => Number(subject.slice(prefix.length)));
}

function readAboardOf({ subject, data, at }: NewFact): { epc: string; vehicleId: number; at: number }[] {
  if (!subject.startsWith("tag:") || !("vehicleId" in data) || typeof data.vehicleId !== "number") return [];
  return [{ epc: subject.slice("tag:".length), vehicleId: data.vehicleId, at }];
}

function loadingOf(fact: NewFact): { shipmentId: number; vehicleId: number; at: number }[] {
  if (fact.type !== "loaded" && fact.type !== "scanned") return [];
  const { vehicleId } = fact.data;
  const [shipmentId] = idsOf("shipment", [fact.subject]);
  return vehicleId === null || shipmentId === undefined ? [] : [{ shipmentId, vehicleId, at: fact.at }];
}

/** Every change of a stock position may be a removal, or explain one: the timer worker checks it right after the commit. */
function removalTimers({ added, withdrawn }: FactChanges): TimerRow[] {
  const rows = new Map<string, TimerRow>();
  for (const { subject, at } of [...added, ...withdrawn]) {
    if (!subject.startsWith("stock:")) continue;
    const name = stockChangeSubject({ stockId: Number(subject.slice(6)), happenedAt: at });
    rows.set(name, { subject: name, at: 0 });
  }
  return [...rows.values()];
}

function writesOf(
  changes: FactChanges,
  versions: ReadonlyMap<Subject, number>,
  shipments: ShipmentDecision,
  stock: StockDecision,
): Write[] {
  const writes = [lockVersions(versions)];
  const withdrawnKeys = changes.withdrawn.map(({ key }) => key);
  if (changes.added.length > 0) writes.push(addFacts(changes.added));
  if (withdrawnKeys.length > 0) writes.push(withdrawFacts(withdrawnKeys, "detected again in the order of measurement"));
  if (shipments.rows.length > 0) {
    const ids = shipments.rows.map(({ id }) => id);
    writes.push(writeShipments(shipments.rows));
    writes.push(...writeOnVehicle(ids, shipments.onVehicle), ...writeInventory(ids, shipments.inventory));
  }
  if (stock.rows.length > 0) writes.push(writeStock(stock.rows));
  writes.push(...writeMovements(stock.movements, stock.refolded, changes.added.length > 0));
  writes.push(...lotsOfFacts(changes.added), ...writeLots(stock, changes.added.length > 0));
  const removals = removalTimers(changes);
  if (removals.length > 0) writes.push(writeTimers(UNEXPLAINED_REMOVAL, removals));
  return writes;
}
