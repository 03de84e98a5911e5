import type { Pool, PoolClient } from "pg";
import type { NewFact, Subject } from "../domain/fact.ts";
import { EMPTY_STOCK, type StockState } from "../domain/stock/state.ts";
import { foldStock, isNewest } from "../domain/stock/stock.ts";
import type { FactChanges } from "./fact-changes.ts";
import { loadStock, loadStockFacts, type StoredStock } from "../stores/queries/stock-levels.ts";
import { VersionMismatch } from "./version-mismatch.ts";
import type { StockRow } from "../stores/writes/stock.ts";

export interface StockDecision {
  rows: (StockRow & { fold: StockState })[];
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
  const decision: StockDecision = { rows: [], versions: new Map() };
  if (ids.length === 0) return decision;
  for (const before of await loadStock(client, ids)) {
    const subject: Subject = `stock:${before.id}`;
    const expected = changes.expected?.get(subject);
    if (expected !== undefined && expected !== before.rowVersion) throw new VersionMismatch(subject);
    const added = changes.added.filter((fact) => fact.subject === subject);
    const { state, version } = canAppend(before, added, changes, subject)
      ? { state: foldStock(before.fold ?? EMPTY_STOCK, added, before), version: before.version }
      : await refold(client, before, added, changes);
    decision.versions.set(subject, version);
    decision.rows.push({ id: before.id, quantity: state.quantity, measuredAt: state.measuredAt, fold: state });
  }
  return decision;
}

function canAppend(before: StoredStock, added: readonly NewFact[], changes: FactChanges, subject: Subject): boolean {
  if (changes.refold?.includes(subject)) return false;
  if (changes.withdrawn.some((fact) => fact.subject === subject)) return false;
  return added.every((fact) => isNewest(before.fold ?? EMPTY_STOCK, fact));
}

async function refold(
  client: Pool | PoolClient,
  before: StoredStock,
  added: readonly NewFact[],
  changes: FactChanges,
): Promise<{ state: StockState; version: number }> {
  const recorded = await loadStockFacts(client, before.id);
  const facts = new Map<string, NewFact>(recorded.facts.map((fact) => [fact.key, fact]));
  for (const fact of added) facts.set(fact.key, fact);
  for (const { key } of changes.withdrawn) facts.delete(key);
  return { state: foldStock(EMPTY_STOCK, [...facts.values()], before), version: recorded.version };
}
