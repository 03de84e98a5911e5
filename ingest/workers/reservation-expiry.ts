import type { Pool } from "pg";
import type { Logger } from "pino";
import { inTransaction } from "../decisions/record-facts.ts";
import { deleteExpired, lockExpiredOrders } from "../stores/queries/restock/reservations.ts";
import { type Loop, startLoop } from "./loop.ts";

const INTERVAL_MS = 1_000;
const BATCH_SIZE = 100;

/** Frees goods that were held until a time that is over. Any number of nodes may run it. */
export function startReservationExpiry(pool: Pool, log: Logger): Loop {
  return startLoop("reservation expiry", async () => (await freeExpired(pool)) === BATCH_SIZE, log, INTERVAL_MS);
}

/** @returns how many orders were freed of what had expired, 100 at most */
export const freeExpired = (pool: Pool): Promise<number> =>
  inTransaction(pool, async (client) => {
    const ids = await lockExpiredOrders(client, BATCH_SIZE);
    return ids.length === 0 ? 0 : deleteExpired(client, ids);
  });
