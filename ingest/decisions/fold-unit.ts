import type { FactChanges } from "./fact-changes.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { foldUnitDwells, type UnitDwell } from "../domain/stock/unit-dwell.ts";
import type { StoredUnit } from "../stores/queries/unit-dwell.ts";

/** A unit, with its dwells as recorded (`before`) and as they follow from its facts now. */
export interface Unit {
  before: StoredUnit;
  dwells: UnitDwell[];
  /** epoch milliseconds; dwells that ended before are in neither */
  closedUntil: number;
}

/** The unit with the dwells that its facts tell of once `changes` are among them. */
export function foldUnit(stored: StoredUnit, changes: FactChanges): Unit {
  const closedUntil = stored.closedUntil ?? Number.NEGATIVE_INFINITY;
  const isOpen = ({ to }: { to: number | null }) => to === null || to >= closedUntil;
  const before = { ...stored, dwells: stored.dwells.filter(isOpen) };
  return { before, dwells: foldUnitDwells(historyOf(before, changes)).filter(isOpen), closedUntil };
}

/** The facts of a unit once `changes` are among them. */
export function historyOf({ epc, facts }: StoredUnit, changes: FactChanges): NewFact[] {
  const subject: Subject = `tag:${epc}`;
  const withdrawnKeys = new Set(changes.withdrawn.map(({ key }) => key));
  const history = new Map<string, NewFact>(facts.map((fact) => [fact.key, fact]));
  for (const fact of changes.added) if (fact.subject === subject) history.set(fact.key, fact);
  return [...history.values()].filter(({ key }) => !withdrawnKeys.has(key));
}
