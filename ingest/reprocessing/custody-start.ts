import type { Pool } from "pg";
import type { Logger } from "pino";
import { decide } from "../decisions/decide.ts";
import { inTransaction } from "../decisions/record-facts.ts";
import { shipmentsWithoutCustody } from "../stores/queries/custody/tellings.ts";
import { loadPlaces } from "../stores/queries/places.ts";
import { runWrites } from "../stores/statement.ts";
import { type Loop, startLoop } from "../workers/loop.ts";

const BATCH_SIZE = 50;
const IDLE_MS = 60_000;

/** Begins the custody logs of shipments that an earlier version recorded, from their facts. Any number of nodes may run it. */
export function startCustodyLogs(pool: Pool, log: Logger): Loop {
  let after = 0;
  let isDone = false;
  async function tick(): Promise<boolean> {
    if (isDone) return false;
    const ids = await shipmentsWithoutCustody(pool, after, BATCH_SIZE);
    const last = ids.at(-1);
    if (last === undefined) {
      isDone = true;
      return false;
    }
    await beginCustodyLogs(pool, ids);
    after = last;
    return true;
  }
  return startLoop("custody log", tick, log, IDLE_MS);
}

/** Folds shipments again, and writes only their logs. */
export async function beginCustodyLogs(pool: Pool, ids: readonly number[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    const refold = ids.map((id) => `shipment:${id}` as const);
    const changes = { added: [], withdrawn: [], refold, onlyCustody: true } as const;
    await runWrites(client, (await decide(client, changes, await loadPlaces(client))).writes);
  });
}
