import type { Pool } from "pg";
import type { Logger } from "pino";
import { inTransaction, moveLotsOnHold } from "../decisions/record-facts.ts";
import { hasGoodsOnHold } from "../stores/queries/lots/lot-holds.ts";
import { type Loop, startLoop } from "./loop.ts";

const INTERVAL_MS = 500;

/**
 * Goods of a lot on hold that come later, by a scan or a delivery, are on hold too. Commits of readings do no work for it: it
 * looks at the lots on hold, which are few.
 */
export function startLotHolds(pool: Pool, log: Logger): Loop {
  return startLoop("lot holds", () => holdLateGoods(pool), log, INTERVAL_MS);
}

/** @returns whether there were any */
export async function holdLateGoods(pool: Pool): Promise<boolean> {
  if (!(await hasGoodsOnHold(pool))) return false;
  return (await inTransaction(pool, (client) => moveLotsOnHold(client, { evidence: [] }))) > 0;
}
