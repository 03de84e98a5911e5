import type { Pool, PoolClient } from "pg";
import type { NewFact } from "../domain/fact.ts";
import { groupBy } from "../domain/group-by.ts";
import {
  EXPLANATION_WINDOW_MS,
  JUDGED_BY_MS,
  UNEXPLAINED_REMOVAL,
  unexplainedRemovals,
} from "../domain/stock/unexplained-removal.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { factChanges } from "../reprocessing/rederive-signal.ts";
import {
  claimStockChanges,
  type StockChange,
  loadNewestReadings,
  stockChangeSubject,
} from "../stores/queries/stock-changes.ts";
import type { ReceiptClock } from "./receipt-clock.ts";
import { type TimerRow, postponeTimers, removeTimers } from "../stores/writes/timers.ts";
import { addFacts, withdrawFacts } from "../stores/writes/facts.ts";
import { type Write, runWrites } from "../stores/statement.ts";
import type { NodeTime } from "../stores/queries/ingest-nodes.ts";
import { loadFactsBetween, type SubjectRange } from "../stores/queries/facts.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";

const BATCH_SIZE = 200;
/** Check again after at most this, milliseconds: a scale that delivers a backlog advances faster than the clock. */
const MAX_RETRY_MS = 5_000;

/**
 * Reports pieces taken from shelves without an explanation, once the time for one has passed, and withdraws the report when
 * an explanation arrives. Every change of a stock position sets the timer for this check (decisions/decide.ts).
 * A removal is judged by the time of the node that heard the scale.
 * @returns whether any timer had fired
 */
export async function assessRemovals(pool: Pool, node: NodeTime, clock: ReceiptClock): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const due = await claimStockChanges(client, node.reached, BATCH_SIZE);
    const { later, added, withdrawn } = await assess(client, due, { node, clock });
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

/** A stock position, and which of its removals its changes affect. */
interface AffectedPosition {
  stockId: number;
  isAffected: (at: number) => boolean;
  ranges: readonly SubjectRange[];
}

/** Compares the removals around some changes of stock with the recorded ones. */
async function assess(
  client: PoolClient,
  due: readonly StockChange[],
  { node, clock }: { node: NodeTime; clock: ReceiptClock },
): Promise<{ later: TimerRow[]; added: NewFact[]; withdrawn: string[] }> {
  const positions = [...groupBy(due, ({ stockId }) => stockId)].map(affectedPosition);
  const loaded = await loadFactsBetween(
    client,
    positions.flatMap(({ ranges }) => ranges),
  );
  const facts = groupBy(loaded, ({ subject }) => subject);
  const judged = positions.map(({ stockId, isAffected }) => ({
    stockId,
    recorded: (facts.get(`removals:${stockId}`) ?? []).filter(({ at }) => isAffected(at - EXPLANATION_WINDOW_MS)),
    unexplained: unexplainedRemovals(stockId, facts.get(`stock:${stockId}`) ?? [], isAffected),
  }));
  const scales = judged.flatMap(({ unexplained }) => unexplained.flatMap(({ deviceId }) => deviceId ?? []));
  const newest = await loadNewestReadings(client, [...new Set(scales)], node);
  // The time of measurement up to which a scale has sent its readings: its newest, plus the time since that was received.
  const missingMs = ({ at, deviceId = "" }: NewFact) => {
    const reading = newest.get(deviceId);
    return at - (reading ? reading.ts + clock.elapsedMs(reading.receivedAt, reading.reached) : node.reached);
  };
  const later: TimerRow[] = [];
  const added: NewFact[] = [];
  const withdrawn: string[] = [];
  for (const { stockId, recorded, unexplained } of judged) {
    const known = new Set(recorded.map(({ key }) => key));
    const [early, standing] = partition(unexplained, (fact) => !known.has(fact.key) && missingMs(fact) > 0);
    for (const fact of early) {
      const subject = stockChangeSubject({ stockId, happenedAt: fact.at - EXPLANATION_WINDOW_MS });
      later.push({ subject, at: node.reached + Math.min(MAX_RETRY_MS, missingMs(fact)) });
    }
    const changes = factChanges(recorded, standing, false);
    added.push(...changes.added);
    withdrawn.push(...changes.withdrawn.map(({ key }) => key));
  }
  return { later, added, withdrawn };
}

/** A change affects removals within two windows of it, and those depend on facts within two more. */
function affectedPosition([stockId, changes]: [number, readonly StockChange[]]): AffectedPosition {
  const times = changes.map(({ happenedAt }) => happenedAt);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  return {
    stockId,
    isAffected: (at) => times.some((time) => Math.abs(at - time) <= JUDGED_BY_MS),
    ranges: [
      { subject: `stock:${stockId}`, from: first - 2 * JUDGED_BY_MS, to: last + 2 * JUDGED_BY_MS },
      // A removal is reported one window after it.
      {
        subject: `removals:${stockId}`,
        from: first - JUDGED_BY_MS + EXPLANATION_WINDOW_MS,
        to: last + JUDGED_BY_MS + EXPLANATION_WINDOW_MS,
      },
    ],
  };
}

/** The facts for which `isFirst` holds, and the others. */
function partition(facts: readonly NewFact[], isFirst: (fact: NewFact) => boolean): [NewFact[], NewFact[]] {
  const first: NewFact[] = [];
  const others: NewFact[] = [];
  for (const fact of facts) (isFirst(fact) ? first : others).push(fact);
  return [first, others];
}
