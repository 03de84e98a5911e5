import type { Pool, PoolClient } from "pg";
import type { FactChanges } from "./fact-changes.ts";
import { foldUnit, historyOf, type Unit } from "./fold-unit.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { shortGtins } from "../domain/gs1/gtin.ts";
import { countUnits, gtinOfTag, unitCountKey, type UnitMove, type UnitDwell } from "../domain/stock/unit-dwell.ts";
import type { Write } from "../stores/statement.ts";
import { loadOtherUnits, loadUnits, type OtherUnits } from "../stores/queries/unit-dwell.ts";
import { foldPlace } from "../domain/stock/piece-place.ts";
import { readPieceOf, writeReadPieces } from "../stores/writes/serials.ts";
import { type UnitDwellRow, writeUnitDwells } from "../stores/writes/unit-dwell.ts";

/** Turns facts about the tags of single units into stock. */
export interface UnitDecision {
  added: NewFact[];
  withdrawn: { key: string; subject: Subject; at: number }[];
  writes: Write[];
  /** versions of everything read. `decide` reads some of it again later; these earlier versions are the ones to guard */
  versions: Map<Subject, number>;
}

/**
 * Folds the units whose tags have new or withdrawn facts. Every stock position that they arrived at or left is counted
 * again from the first difference on, so that each count holds at its own time, in whatever order facts become known.
 */
export async function decideUnits(client: Pool | PoolClient, changes: FactChanges): Promise<UnitDecision> {
  const decision: UnitDecision = { added: [], withdrawn: [], writes: [], versions: new Map() };
  const tags = unitTagsOf([...changes.added, ...changes.withdrawn]);
  if (tags.length === 0) return decision;
  const units = (await loadUnits(client, tags)).map((before) => foldUnit(before, changes));
  decision.writes.push(
    ...writeReadPieces(
      units.flatMap(({ before }) => readPieceOf(before.epc, before.itemId, foldPlace(historyOf(before, changes)))),
    ),
  );
  for (const { before } of units) decision.versions.set(`tag:${before.epc}`, before.version);
  const moved = units.filter((unit) => differencesOf(unit).length > 0);
  if (moved.length === 0) return decision;
  const epcs = moved.map(({ before }) => before.epc);
  const places = earliestByPlace(moved.flatMap(differencesOf));
  for (const others of await loadOtherUnits(client, [...places.values()], epcs)) {
    recount(decision, others, moved, places.get(placeKey(others))!);
  }
  decision.writes.push(...writeUnitDwells(epcs, moved.flatMap(rowsOf)));
  return decision;
}

function unitTagsOf(facts: readonly { subject: Subject }[]): { epc: string; gtins: string[] }[] {
  const epcs = new Set(facts.flatMap(({ subject }) => (subject.startsWith("tag:") ? [subject.slice(4)] : [])));
  return [...epcs].flatMap((epc) => {
    const gtin = gtinOfTag(epc);
    return gtin === undefined ? [] : [{ epc, gtins: shortGtins(gtin) }];
  });
}

interface DwellDifference extends StockPlace {
  since: number;
  /** whether it began earlier: what is counted before `since` stays */
  isClosedBefore: boolean;
}

/** The places where a unit's dwells differ from the recorded ones, and since when (epoch milliseconds). */
function differencesOf({ before, dwells, closedUntil }: Unit): DwellDifference[] {
  const { itemId } = before;
  const startKey = ({ locationId, from }: { locationId: number; from: number }) => `${locationId} ${from}`;
  const known = new Map(before.dwells.map((dwell) => [startKey(dwell), dwell]));
  const now = new Map(dwells.map((dwell) => [startKey(dwell), dwell]));
  const difference = (locationId: number, since: number): DwellDifference => ({
    itemId,
    locationId,
    since: Math.max(since, closedUntil),
    isClosedBefore: since < closedUntil,
  });
  return [...new Set([...known.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [known.get(key), now.get(key)];
    const { locationId, from } = (is ?? was)!;
    if (!was || !is) return [difference(locationId, from)];
    return was.to === is.to
      ? []
      : [difference(locationId, Math.min(was.to ?? Number.POSITIVE_INFINITY, is.to ?? Number.POSITIVE_INFINITY))];
  });
}

function earliestByPlace(differences: readonly DwellDifference[]): Map<string, DwellDifference> {
  const earliest = new Map<string, DwellDifference>();
  for (const difference of differences) {
    const known = earliest.get(placeKey(difference));
    if (known === undefined || difference.since < known.since) earliest.set(placeKey(difference), difference);
  }
  return earliest;
}

function recount(
  decision: UnitDecision,
  others: OtherUnits,
  moved: readonly Unit[],
  { since, isClosedBefore }: DwellDifference,
): void {
  const { stockId, version } = others;
  const subject: Subject = `stock:${stockId}`;
  decision.versions.set(subject, version);
  const mine = moved.filter(({ before }) => before.itemId === others.itemId);
  const dwellsHere = mine.flatMap(({ dwells }) => dwells.filter(({ locationId }) => locationId === others.locationId));
  const earlier = dwellsHere.filter(({ from, to }) => from < since && (to === null || to >= since));
  // A unit that has been there since a closed time is counted from the end of that time on.
  const arrivals = isClosedBefore ? earlier.map(({ arrivalFact }) => ({ ...arrivalFact, at: since })) : [];
  const moves = [
    ...others.moves,
    ...arrivals.map((fact): UnitMove => ({ change: 1, fact })),
    ...dwellsHere.flatMap(movesOf).filter(({ fact }) => fact.at >= since),
  ];
  const before = isClosedBefore ? 0 : earlier.length;
  const counts = countUnits(stockId, others.before + before, moves);
  const keys = new Set(counts.map(({ key }) => key));
  decision.added.push(...counts);
  for (const dwell of mine.flatMap((unit) => unit.before.dwells).filter((row) => placeKey(row) === placeKey(others))) {
    for (const [by, at] of [
      [dwell.arrivalFact, dwell.from],
      [dwell.departureFact, dwell.to],
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

interface StockPlace {
  itemId: number;
  locationId: number;
}

function placeKey({ itemId, locationId }: StockPlace): string {
  return `${itemId}:${locationId}`;
}

function rowsOf({ before: { epc, itemId }, dwells }: Unit): UnitDwellRow[] {
  return dwells.map(({ locationId, from, to, arrivalFact, departureFact }) => ({
    epc,
    itemId,
    locationId,
    from,
    to,
    arrivalFact: arrivalFact.key,
    departureFact: departureFact?.key ?? null,
  }));
}
