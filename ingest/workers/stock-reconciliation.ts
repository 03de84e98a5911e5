import type { Pool } from "pg";
import type { Logger } from "pino";
import { DISAGREEMENT_MS, reconcile } from "../domain/stock/reconcile.ts";
import { type Loop, startLoop } from "./loop.ts";
import type { ReceiptClock } from "./receipt-clock.ts";
import {
  closeResolvedCycleCounts,
  disagreeingStock,
  openCycleCounts,
  openUnfitCounts,
  openSensorReviews,
  suspectStock,
} from "../stores/queries/cycle-counts.ts";
import { reviewSilentReaders, updateSilentReaders } from "../stores/queries/silent-readers.ts";
import { runWrites } from "../stores/statement.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";

const INTERVAL_MS = 1_000;
const BATCH_SIZE = 200;

/**
 * Opens a cycle count where sensors and ledger have disagreed for long, where a sensor cannot be believed, and where more
 * was picked than is recorded, or put than can be counted. A disagreement starts with a fact but lasts by the
 * clock, so it is looked for once a second. Any number of nodes may run it: each position gets one count.
 */
export function startStockReconciliation(pool: Pool, clock: ReceiptClock, log: Logger): Loop {
  async function tick(): Promise<boolean> {
    const differing = await disagreeingStock(pool, Date.now() - DISAGREEMENT_MS, BATCH_SIZE);
    const counts = differing.flatMap(({ id, governing, fold }) => {
      const result = reconcile(fold, governing);
      return result === undefined ? [] : [{ stockId: id, differsSince: fold.differsSince!, ...result }];
    });
    if (counts.length > 0) await openCycleCounts(pool, counts);
    const suspects = await suspectStock(pool, BATCH_SIZE);
    if (suspects.length > 0) await openSensorReviews(pool, suspects);
    await openUnfitCounts(pool);
    await closeResolvedCycleCounts(pool);
    const changed = await updateSilentReaders(pool, clock);
    if (changed.length > 0) await runWrites(pool, [notifyChanges({ stock: changed })]);
    await reviewSilentReaders(pool, DISAGREEMENT_MS);
    return false;
  }
  return startLoop("stock reconciliation", tick, log, INTERVAL_MS);
}
