import type { Pool } from "pg";
import type { Logger } from "pino";
import { DISAGREEMENT_MS, reconcile } from "../domain/stock/reconcile.ts";
import { type Loop, startLoop } from "./loop.ts";
import { closeAgreedCounts, differingStock, openCycleCounts } from "../stores/queries/cycle-counts.ts";

const INTERVAL_MS = 1_000;
const BATCH_SIZE = 200;

/**
 * Asks for a count where sensors and ledger have contradicted each other for long. A difference begins with a fact but
 * lasts by the clock, so somebody has to look again: any number of workers may, each position is asked for once.
 */
export function startStockReconciliation(pool: Pool, log: Logger): Loop {
  async function tick(): Promise<boolean> {
    const differing = await differingStock(pool, Date.now() - DISAGREEMENT_MS, BATCH_SIZE);
    const counts = differing.flatMap(({ id, governing, fold }) => {
      const result = reconcile(fold, governing);
      return result === undefined ? [] : [{ stockId: id, differsSince: fold.differsSince!, ...result }];
    });
    if (counts.length > 0) await openCycleCounts(pool, counts);
    await closeAgreedCounts(pool);
    return false;
  }
  return startLoop("reconciliation", tick, log, INTERVAL_MS);
}
