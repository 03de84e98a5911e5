import type { Pool, PoolClient } from "pg";
import type { NewFact, Subject } from "../domain/fact.ts";
import type { FactChanges } from "./fact-changes.ts";
import type { Places } from "../domain/place.ts";
import { evidenceKeys } from "../domain/trip/evidence-keys.ts";
import { decideCustody } from "./custody.ts";
import { decideShipments, type ShipmentDecision } from "./shipments.ts";
import { decideSerials, type SerialDecision } from "./serials.ts";
import { decideTrips } from "./trips.ts";
import { decideUnits } from "./units.ts";
import { decideStock, type StockDecision } from "./stock.ts";
import { UNEXPLAINED_REMOVAL } from "../domain/stock/unexplained-removal.ts";
import { stockChangeSubject } from "../stores/queries/stock-changes.ts";
import { type TimerRow, writeTimers } from "../stores/writes/timers.ts";
import { addFacts, lockVersions, restoreFacts, tellOfFacts, voidFacts, withdrawFacts } from "../stores/writes/facts.ts";
import { writeOnVehicle, writeInventory, writeShipments, writeStays } from "../stores/writes/shipments.ts";
import type { Write } from "../stores/statement.ts";
import type { ChangeNotice } from "../stores/writes/change-notice.ts";
import { voidSuccessors } from "../domain/void-successors.ts";
import { loadVoidFacts } from "../stores/queries/facts.ts";
import { loadDriversByToken } from "../stores/queries/custody/drivers.ts";
import { loadShipmentHistories, type ShipmentHistories } from "../stores/queries/shipment-history.ts";
import { lotsOfFacts, writeLots } from "../stores/writes/lots.ts";
import { writeMovements } from "../stores/writes/movements.ts";
import { answerCycleCounts, tellOfLevels, writeStock } from "../stores/writes/stock.ts";

export interface Decision {
  writes: Write[];
  shipmentIds: number[];
  stockIds: number[];
  /** planned trips of which the vehicle has made something else now */
  tripIds: number[];
  /** where and when something was read that the load of trips may be verified by */
  evidence: string[];
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
  const voids = await findVoids(client, given);
  const effective = effectiveChanges(given, voids);
  const units = await decideUnits(client, effective);
  const serials = await decideSerials(client, effective);
  const trips = await decideTrips(client, effective, places);
  const changes: FactChanges = {
    ...effective,
    added: [...effective.added, ...units.added, ...serials.added],
    withdrawn: [...effective.withdrawn, ...units.withdrawn, ...serials.withdrawn],
  };
  const touched = new Map<Subject, number[]>();
  for (const { subject, at } of [...changes.added, ...changes.withdrawn]) {
    const times = touched.get(subject);
    if (times) times.push(at);
    else touched.set(subject, [at]);
  }
  // A change of plans concerns the trips of the vehicle alone.
  for (const subject of [...(changes.refold ?? []), ...trips.versions.keys()])
    touched.set(subject, touched.get(subject) ?? []);
  if (touched.size === 0 && given.added.length === 0)
    return { writes: [], shipmentIds: [], stockIds: [], tripIds: [], evidence: [], stock: [], repeats: [] };

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
  const shipments = decideShipments(
    histories,
    changes,
    places,
    await loadDriversByToken(client, tokensOf(histories, changes)),
  );
  const custody = await decideCustody(client, shipments.custody, changes);
  const versions = new Map<Subject, number>([
    ...histories.versions,
    ...stock.versions,
    ...units.versions,
    ...serials.versions,
    ...trips.versions,
  ]);
  return {
    writes: [
      ...writesOf(changes, versions, shipments, stock, factWrites(given, voids, [units, serials])),
      ...custody,
      ...units.writes,
      ...serials.writes,
      ...trips.writes,
    ],
    shipmentIds: shipments.rows.map(({ id }) => id),
    stockIds: stock.rows.map(({ id }) => id),
    tripIds: trips.tripIds,
    evidence: evidenceKeys(changes),
    stock: stock.rows,
    repeats: serials.repeats,
  };
}

/** What the commit of a decision tells that it has changed. */
export function noticeOf({
  shipmentIds,
  stockIds,
  tripIds,
  evidence,
}: Pick<Decision, "shipmentIds" | "stockIds" | "tripIds" | "evidence">): ChangeNotice {
  return {
    ...(shipmentIds.length > 0 && { shipments: shipmentIds }),
    ...(stockIds.length > 0 && { stock: stockIds }),
    ...(tripIds.length > 0 && { trips: tripIds }),
    ...(evidence.length > 0 && { evidence }),
  };
}

/** What of the added facts is void, though it was derived. */
interface Voids {
  /** by their keys */
  known: ReadonlySet<string>;
  /** what comes in the stead of something void, and by which fact that is */
  successors: ReadonlyMap<string, number>;
}

const NO_VOIDS: Voids = { known: new Set(), successors: new Map() };

/** Facts that are derived again may be void; people's are new. */
async function findVoids(client: Pool | PoolClient, { added, withdrawn }: FactChanges): Promise<Voids> {
  const derived = added.filter(({ signal }) => signal !== undefined).map(({ key }) => key);
  const gone = withdrawn.map(({ key }) => key);
  if (derived.length === 0) return NO_VOIDS;
  const found = await loadVoidFacts(client, [...derived, ...gone]);
  if (found.length === 0) return NO_VOIDS;
  const [addedKeys, goneKeys] = [new Set(derived), new Set(gone)];
  const known = new Set(found.flatMap(({ key }) => (addedKeys.has(key) ? [key] : [])));
  const successors = voidSuccessors(
    found.filter(({ key }) => goneKeys.has(key) && !addedKeys.has(key)),
    added.filter(({ key }) => addedKeys.has(key) && !known.has(key)),
  );
  return { known, successors };
}

/** The changes as the folds see them: what is void is not there, what is restored is there again. */
function effectiveChanges(given: FactChanges, { known, successors }: Voids): FactChanges {
  const { added, withdrawn, voided = [], restored = [] } = given;
  const isUnchanged = known.size === 0 && successors.size === 0 && voided.length === 0 && restored.length === 0;
  if (isUnchanged) return given;
  return {
    ...given,
    added: [
      ...added.filter(({ key }) => !known.has(key) && !successors.has(key)),
      ...restored.flatMap(({ fact }) => fact ?? []),
    ],
    withdrawn: [...withdrawn, ...voided],
  };
}

/** How facts are written: what the folds do not see of them is recorded all the same. */
function factWrites(
  { added, withdrawn, voided = [], restored = [] }: FactChanges,
  { known, successors }: Voids,
  derived: readonly Pick<FactChanges, "added" | "withdrawn">[],
): Write[] {
  const writes: Write[] = [];
  const all = [...added, ...derived.flatMap((each) => each.added)];
  const keys = [...withdrawn, ...derived.flatMap((each) => each.withdrawn)].map(({ key }) => key);
  if (all.length > 0) writes.push(addFacts(all, successors, known.size + successors.size));
  if (keys.length > 0) writes.push(withdrawFacts(keys, "detected again in the order of measurement"));
  if (voided.length > 0) writes.push(voidFacts(voided.map(({ key, by, reason }) => ({ key, by, reason }))));
  if (restored.length > 0) writes.push(restoreFacts(restored.map(({ key }) => key)));
  const told = tellOfFacts(all, writes);
  return told === undefined ? writes : [...writes, told];
}

function idsOf(kind: "shipment" | "vehicle" | "stock", subjects: readonly Subject[]): number[] {
  const prefix = `${kind}:`;
  return subjects
    .filter((subject) => subject.startsWith(prefix))
    .map((subject) => Number(subject.slice(prefix.length)));
}

/** What drivers have signed on with, as far as these shipments are concerned. */
function tokensOf({ facts }: ShipmentHistories, { added }: FactChanges): Set<string> {
  const tokens = new Set<string>();
  for (const each of [...facts.values(), added])
    for (const fact of each) if (fact.type === "driver_signed_on") tokens.add(fact.data.token);
  return tokens;
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
  facts: readonly Write[],
): Write[] {
  const writes = [lockVersions(versions), ...facts];
  const addsFacts = facts.some(({ name }) => name === "facts_added");
  if (shipments.rows.length > 0) {
    const ids = shipments.rows.map(({ id }) => id);
    writes.push(writeShipments(shipments.rows));
    writes.push(...writeOnVehicle(ids, shipments.onVehicle), ...writeInventory(ids, shipments.inventory));
  }
  if (shipments.foldedIds.length > 0) writes.push(...writeStays(shipments.foldedIds, shipments.stays));
  if (stock.rows.length > 0) writes.push(writeStock(stock.rows));
  if (stock.changed.length > 0) writes.push(tellOfLevels(stock.changed));
  if (addsFacts) writes.push(...answerCycleCounts(changes.added));
  writes.push(...writeMovements(stock.movements, stock.refolded, addsFacts));
  writes.push(...lotsOfFacts(changes.added), ...writeLots(stock, addsFacts));
  const removals = removalTimers(changes);
  if (removals.length > 0) writes.push(writeTimers(UNEXPLAINED_REMOVAL, removals));
  return writes;
}
