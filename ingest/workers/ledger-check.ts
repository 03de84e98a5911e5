import type { Pool } from "pg";
import type { Logger } from "pino";
import { compareLedger, isLedgerCheckDue, saveLedgerCheck } from "../stores/queries/ledger-check.ts";
import { type Loop, startLoop } from "./loop.ts";

/** How often it looks whether a day has passed since the last check. */
const INTERVAL_MS = 10 * 60_000;
const BATCH_SIZE = 5_000;
const MAX_EXAMPLES = 100;

/**
 * Compares every level with the sum of its movements once a day. Both are written in one statement, so a difference is a
 * fault of this program: it is logged, shown by `GET /movements/check`, and changes nothing.
 */
export function startLedgerCheck(pool: Pool, log: Logger): Loop {
  async function tick(): Promise<boolean> {
    if (await isLedgerCheckDue(pool)) await checkLedger(pool, log);
    return false;
  }
  return startLoop("ledger check", tick, log, INTERVAL_MS);
}

/** Compares all levels with their movements, a part at a time, and keeps what came out. */
export async function checkLedger(pool: Pool, log: Logger): Promise<{ positions: number; different: number }> {
  const result = { positions: 0, different: 0, examples: [] as number[] };
  for (let after = 0; ;) {
    const batch = await compareLedger(pool, after, BATCH_SIZE);
    result.positions += batch.positions;
    result.different += batch.different.length;
    result.examples.push(...batch.different.slice(0, MAX_EXAMPLES - result.examples.length));
    if (batch.positions < BATCH_SIZE) break;
    after = batch.last;
  }
  await saveLedgerCheck(pool, result);
  if (result.different > 0) log.error(result, "levels of stock are not the sums of their movements");
  return result;
}
