import type { Pool } from "pg";
import type { Logger } from "pino";
import { transaction } from "../decisions/transactions.ts";
import { sumPlaceHours, sumStockHours, takeTurn } from "../stores/queries/rollups/hours.ts";
import { type Loop, startLoop } from "../workers/loop.ts";
import { deriveStays } from "./derive-stays.ts";

const INTERVAL_MS = 1_000;
/** Entries of one transaction: so long other nodes wait for their turn. */
const BATCH_SIZE = 2_000;

/**
 * START HERE. Keeps the hourly sums of places and of stock: what was committed is in them a second or two later. Each change of a stay or of a
 * movement makes its hour due (migration 0106), so late facts, voids and replays need nothing here. Any number of nodes may run it.
 * @param keptDays RETENTION_ROLLUP_DAYS
 */
export function startRollups(pool: Pool, keptDays: number, log: Logger): Loop {
  async function tick(): Promise<boolean> {
    const derived = await deriveStays(pool);
    const summed = await sumDueHours(pool, keptDays, BATCH_SIZE);
    return derived || summed;
  }
  return startLoop("hourly sums", tick, log, INTERVAL_MS);
}

/** Sums hours that are due. @returns whether there may be more */
export function sumDueHours(pool: Pool, keptDays: number, batchSize: number): Promise<boolean> {
  return transaction(pool, async (client) => {
    if (!(await takeTurn(client))) return false;
    const places = await sumPlaceHours(client, batchSize, keptDays);
    const stock = await sumStockHours(client, batchSize, keptDays);
    return places === batchSize || stock === batchSize;
  });
}
