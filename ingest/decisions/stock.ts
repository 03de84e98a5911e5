import type { Pool, PoolClient } from "pg";
import type { NewFact, Subject } from "../domain/fact.ts";
import { type LotMovement, lotMovements } from "../domain/stock/lots.ts";
import { EMPTY_STOCK, lotsOf, type StockState } from "../domain/stock/state.ts";
import { MAX_LEVEL, type Movement, movementOf } from "../domain/stock/movement.ts";
import { foldStock, isNewest } from "../domain/stock/stock.ts";
import type { FactChanges } from "./fact-changes.ts";
import { loadStock, loadStockFacts, type StoredStock } from "../stores/queries/stock-levels.ts";
import { VersionMismatch } from "./version-mismatch.ts";
import type { LotMovementRow, LotRow } from "../stores/writes/lots.ts";
import type { MovementRow } from "../stores/writes/movements.ts";
import type { StockRow } from "../stores/writes/stock.ts";

export interface StockDecision {
  rows: (StockRow & { fold: StockState })[];
  /** positions whose level, as it is shown, is another one now */
  changed: number[];
  /** what the facts changed the levels by; of `refolded` positions all movements, of the others the new ones */
  movements: MovementRow[];
  refolded: number[];
  /** the same of their lots, and the lots of the positions that have any */
  lotMovements: LotMovementRow[];
  lots: LotRow[];
  versions: Map<Subject, number>;
}

/**
 * Folds the affected stock positions. Facts newer than all recorded ones are added to the current level; an older or
 * withdrawn fact makes it fold all of them again.
 */
export async function decideStock(
  client: Pool | PoolClient,
  ids: readonly number[],
  changes: FactChanges,
): Promise<StockDecision> {
  const decision: StockDecision = {
    rows: [],
    changed: [],
    movements: [],
    refolded: [],
    lotMovements: [],
    lots: [],
    versions: new Map(),
  };
  if (ids.length === 0) return decision;
  for (const before of await loadStock(client, ids)) {
    const subject: Subject = `stock:${before.id}`;
    const expected = changes.expected?.get(subject);
    if (expected !== undefined && expected !== before.rowVersion) throw new VersionMismatch(subject);
    const added = changes.added.filter((fact) => fact.subject === subject);
    const isAppended = canAppend(before, added, changes, subject);
    const { state, version, movements, lots } = isAppended
      ? { ...foldMoving(before.fold ?? EMPTY_STOCK, added, before), version: before.version }
      : await refold(client, before, added, changes);
    if (!isAppended) decision.refolded.push(before.id);
    decision.movements.push(...movements);
    decision.lotMovements.push(...lots);
    if (before.fold?.lots !== undefined || state.lots !== undefined) {
      decision.lots.push({ stockId: before.id, lots: lotsOf(state) });
    }
    decision.versions.set(subject, version);
    const quantity = clamped(state.quantity);
    if (Math.max(0, quantity) !== Math.max(0, clamped(before.fold?.quantity ?? 0))) decision.changed.push(before.id);
    decision.rows.push({ id: before.id, quantity, measuredAt: state.measuredAt, fold: state });
  }
  return decision;
}

const clamped = (quantity: number): number => Math.max(-MAX_LEVEL, Math.min(MAX_LEVEL, quantity));

function canAppend(before: StoredStock, added: readonly NewFact[], changes: FactChanges, subject: Subject): boolean {
  if (changes.refold?.includes(subject)) return false;
  if (changes.withdrawn.some((fact) => fact.subject === subject)) return false;
  return added.every((fact) => isNewest(before.fold ?? EMPTY_STOCK, fact));
}

/** Folds facts, and tells what each of them changed the level by. */
function foldMoving(
  from: StockState,
  facts: readonly NewFact[],
  stock: StoredStock,
): { state: StockState; movements: Movement[]; lots: LotMovement[] } {
  const movements: Movement[] = [];
  const lots: LotMovement[] = [];
  const state = foldStock(from, facts, stock, (fact, before, after) => {
    const movement = movementOf(stock.id, fact, before.quantity, after.quantity);
    if (movement !== undefined) movements.push(movement);
    if (after.lots !== undefined) lots.push(...lotMovements(stock.id, fact, lotsOf(before), lotsOf(after)));
  });
  return { state, movements, lots };
}

async function refold(
  client: Pool | PoolClient,
  before: StoredStock,
  added: readonly NewFact[],
  changes: FactChanges,
): Promise<{ state: StockState; version: number; movements: MovementRow[]; lots: LotMovementRow[] }> {
  const recorded = await loadStockFacts(client, before.id);
  const facts = new Map<string, NewFact>(recorded.facts.map((fact) => [fact.key, fact]));
  for (const fact of added) facts.set(fact.key, fact);
  for (const { key } of changes.withdrawn) facts.delete(key);
  const ids = new Map(recorded.facts.map(({ key, id }) => [key, id]));
  const { state, movements, lots } = foldMoving(EMPTY_STOCK, [...facts.values()], before);
  const withId = <M extends { key: string }>(movement: M) => ({ ...movement, ...idOf(ids.get(movement.key)) });
  return { state, version: recorded.version, movements: movements.map(withId), lots: lots.map(withId) };
}

const idOf = (id: number | undefined): { id?: number } => (id === undefined ? {} : { id });
