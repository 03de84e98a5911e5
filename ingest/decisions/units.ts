import type { Pool, PoolClient } from "pg";
import type { FactChanges } from "./fact-changes.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { shortGtins } from "../domain/gs1/gtin.ts";
import {
  countUnits,
  foldUnitDwells,
  gtinOfTag,
  unitCountKey,
  type UnitMove,
  type UnitDwell,
} from "../domain/stock/unit-dwell.ts";
import type { Part } from "../stores/statement.ts";
import {
  loadOthersThere,
  loadUnits,
  type OthersThere,
  type StayRow,
  type UnitBefore,
  writeStays,
} from "../stores/queries/unit-dwell.ts";

/** What follows for stock from facts about tags of single units. */
export interface UnitDecision {
  added: NewFact[];
  withdrawn: { key: string; subject: Subject; at: number }[];
  parts: Part[];
  /** of everything read: older than what is read later, so it is these that must hold */
  versions: Map<Subject, number>;
}

/** A unit and where it was, as recorded and as it is to be. */
interface Unit {
  before: UnitBefore;
  stays: UnitDwell[];
}

/**
 * Folds the units whose tags' facts change, and counts again every stock position they came to or left, from the first
 * difference on: whatever order facts become known in, each count is that of its time.
 */
export async function decideUnits(client: Pool | PoolClient, changes: FactChanges): Promise<UnitDecision> {
  const decision: UnitDecision = { added: [], withdrawn: [], parts: [], versions: new Map() };
  const tags = unitTagsOf([...changes.added, ...changes.withdrawn]);
  if (tags.length === 0) return decision;
  const units = (await loadUnits(client, tags)).map((before): Unit => ({
    before,
    stays: foldUnitDwells(historyOf(before, changes)),
  }));
  const moved = units.filter((unit) => differencesOf(unit).length > 0);
  if (moved.length === 0) return decision;
  const epcs = moved.map(({ before }) => before.epc);
  const places = earliestByPlace(moved.flatMap(differencesOf));
  for (const { before } of moved) decision.versions.set(`tag:${before.epc}`, before.version);
  for (const others of await loadOthersThere(client, [...places.values()], epcs)) {
    countAgain(decision, others, moved, places.get(placeKey(others))!.since);
  }
  decision.parts.push(...writeStays(epcs, moved.flatMap(rowsOf)));
  return decision;
}

function unitTagsOf(facts: readonly { subject: Subject }[]): { epc: string; gtins: string[] }[] {
  const epcs = new Set(facts.flatMap(({ subject }) => (subject.startsWith("tag:") ? [subject.slice(4)] : [])));
  return [...epcs].flatMap((epc) => {
    const gtin = gtinOfTag(epc);
    return gtin === undefined ? [] : [{ epc, gtins: shortGtins(gtin) }];
  });
}

function historyOf({ epc, facts }: UnitBefore, changes: FactChanges): NewFact[] {
  const subject: Subject = `tag:${epc}`;
  const gone = new Set(changes.withdrawn.map(({ key }) => key));
  const history = new Map<string, NewFact>(facts.map((fact) => [fact.key, fact]));
  for (const fact of changes.added) if (fact.subject === subject) history.set(fact.key, fact);
  return [...history.values()].filter(({ key }) => !gone.has(key));
}

interface Difference extends AtPlace {
  since: number;
}

/** Where, and from when on (epoch milliseconds), a unit's stays are others than recorded. */
function differencesOf({ before, stays }: Unit): Difference[] {
  const { itemId } = before;
  const started = ({ locationId, from }: { locationId: number; from: number }) => `${locationId} ${from}`;
  const known = new Map(before.stays.map((stay) => [started(stay), stay]));
  const now = new Map(stays.map((stay) => [started(stay), stay]));
  return [...new Set([...known.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [known.get(key), now.get(key)];
    const { locationId, from } = (is ?? was)!;
    if (!was || !is) return [{ itemId, locationId, since: from }];
    return was.to === is.to ? [] : [{ itemId, locationId, since: Math.min(was.to ?? Infinity, is.to ?? Infinity) }];
  });
}

function earliestByPlace(differences: readonly Difference[]): Map<string, Difference> {
  const earliest = new Map<string, Difference>();
  for (const difference of differences) {
    const known = earliest.get(placeKey(difference));
    if (known === undefined || difference.since < known.since) earliest.set(placeKey(difference), difference);
  }
  return earliest;
}

function countAgain(decision: UnitDecision, others: OthersThere, moved: readonly Unit[], since: number): void {
  const { stockId, version } = others;
  const subject: Subject = `stock:${stockId}`;
  decision.versions.set(subject, version);
  const mine = moved.filter(({ before }) => before.itemId === others.itemId);
  const staysHere = mine.flatMap(({ stays }) => stays.filter(({ locationId }) => locationId === others.locationId));
  const before = staysHere.filter(({ from, to }) => from < since && (to === null || to >= since)).length;
  const moves = [...others.moves, ...staysHere.flatMap(movesOf).filter(({ fact }) => fact.at >= since)];
  const counts = countUnits(stockId, others.before + before, moves);
  const keys = new Set(counts.map(({ key }) => key));
  decision.added.push(...counts);
  for (const stay of mine.flatMap((unit) => unit.before.stays).filter((row) => placeKey(row) === placeKey(others))) {
    for (const [by, at] of [
      [stay.cameBy, stay.from],
      [stay.leftBy, stay.to],
    ] as const) {
      if (by === null || at === null || at < since) continue;
      const key = unitCountKey(stockId, by);
      if (!keys.has(key)) decision.withdrawn.push({ key, subject, at });
    }
  }
}

function movesOf({ arrivalFact, departureFact }: UnitDwell): UnitMove[] {
  return [{ change: 1, fact: arrivalFact }, ...(departureFact ? [{ change: -1, fact: departureFact } as const] : [])];
}

interface AtPlace {
  itemId: number;
  locationId: number;
}

function placeKey({ itemId, locationId }: AtPlace): string {
  return `${itemId}:${locationId}`;
}

function rowsOf({ before: { epc, itemId }, stays }: Unit): StayRow[] {
  return stays.map(({ locationId, from, to, arrivalFact, departureFact }) => ({
    epc,
    itemId,
    locationId,
    from,
    to,
    cameBy: arrivalFact.key,
    leftBy: departureFact?.key ?? null,
  }));
}
