import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../domain/fact.ts";
import { groupBy } from "../domain/group-by.ts";
import {
  EXPLANATION_WINDOW_MS,
  UNEXPLAINED_REMOVAL,
  unexplainedRemovals,
} from "../domain/stock/unexplained-removal.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { factChanges } from "../reprocessing/rederive-signal.ts";
import {
  claimStockChanges,
  type StockChange,
  loadReceivedWatermarks,
  stockChangeSubject,
} from "../stores/queries/stock-changes.ts";
import { type TimerRow, postponeTimers, removeTimers } from "../stores/writes/timers.ts";
import { addFacts, withdrawFacts } from "../stores/writes/facts.ts";
import { type Write, runWrites } from "../stores/statement.ts";
import { loadFactsBetween } from "../stores/queries/facts.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";

const BATCH_SIZE = 200;
/** Check again after at most this, milliseconds: a scale that delivers a backlog advances faster than the clock. */
const MAX_RETRY_MS = 5_000;

/**
 * Reports pieces taken from shelves without an explanation, once the time for one has passed, and withdraws the report when
 * an explanation arrives. Every change of a stock position sets the timer for this check (decisions/decide.ts).
 * @param now everything received up to then is committed, epoch milliseconds
 * @returns whether any timer had fired
 */
export async function assessRemovals(pool: Pool, now: number): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const due = await claimStockChanges(client, now, BATCH_SIZE);
    const later: TimerRow[] = [];
    const added: NewFact[] = [];
    const withdrawn: string[] = [];
    for (const [stockId, happened] of groupBy(due, (row) => row.stockId)) {
      const outcome = await assessPosition(client, stockId, happened, now);
      later.push(...outcome.later);
      added.push(...outcome.added);
      withdrawn.push(...outcome.withdrawn.map(({ key }) => key));
    }
    const waiting = new Set(later.map(({ subject }) => subject));
    const done = due.map(stockChangeSubject).filter((subject) => !waiting.has(subject));
    const stock = [...new Set(due.map(({ stockId }) => stockId))];
    const writes: Write[] = [];
    if (added.length > 0) writes.push(addFacts(added));
    if (withdrawn.length > 0) writes.push(withdrawFacts(withdrawn, "explained after all"));
    if (writes.length > 0) writes.push(notifyChanges({ stock }));
    if (later.length > 0) writes.push(postponeTimers(UNEXPLAINED_REMOVAL, later));
    if (done.length > 0) writes.push(removeTimers(UNEXPLAINED_REMOVAL, done));
    await runWrites(client, writes);
    return due.length > 0;
  });
}

/** Compares the removals of a stock position around some times with the recorded ones. */
async function assessPosition(client: PoolClient, stockId: number, due: readonly StockChange[], now: number) {
  const times = due.map(({ happenedAt }) => happenedAt);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  // A change affects removals within one window of it, and those depend on facts within one more window.
  const isAffected = (at: number) => times.some((time) => Math.abs(at - time) <= EXPLANATION_WINDOW_MS);
  const reach = 2 * EXPLANATION_WINDOW_MS;
  const facts = await loadFactsBetween(client, `stock:${stockId}`, first - reach, last + reach);
  const recorded = (await loadFactsBetween(client, `removals:${stockId}`, first, last + reach)).filter(({ at }) =>
    isAffected(at - EXPLANATION_WINDOW_MS),
  );
  const known = new Set(recorded.map(({ key }) => key));
  const unexplained = unexplainedRemovals(stockId, facts, isAffected);
  const reached = await loadReceivedWatermarks(
    client,
    [...new Set(unexplained.flatMap(({ deviceId }) => deviceId ?? []))],
    now,
  );
  const missingMs = ({ at, deviceId = "" }: NewFact) => at - (reached.get(deviceId) ?? now);
  const later = unexplained.flatMap((fact): TimerRow[] => {
    const subject = stockChangeSubject({ stockId, happenedAt: fact.at - EXPLANATION_WINDOW_MS });
    return known.has(fact.key) || missingMs(fact) <= 0
      ? []
      : [{ subject, at: now + Math.min(MAX_RETRY_MS, missingMs(fact)) }];
  });
  const standing = unexplained.filter((fact) => known.has(fact.key) || missingMs(fact) <= 0);
  return { later, ...factChanges(recorded, standing, false) };
}
