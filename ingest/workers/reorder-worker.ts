import type { Pool } from "pg";
import type { Logger } from "pino";
import {
  demandFigures,
  isCovered,
  isDismissed,
  isShort,
  orderQuantity,
  SHORTAGE_HOLD_MS,
} from "../domain/stock/reorder.ts";
import { transaction } from "../decisions/record-facts.ts";
import {
  addDraft,
  beginShortages,
  changeDraft,
  endShortages,
  loadDemand,
  loadReorderStock,
  type ReorderStock,
} from "../stores/queries/reorder.ts";
import { type Loop, startLoop } from "./loop.ts";

const INTERVAL_MS = 1_000;

/** Keeps one draft restock order for each shortage. Any number of nodes may run it: one at a time does. */
export function startReorderWorker(pool: Pool, log: Logger): Loop {
  return startLoop("reorder", async () => (await reorder(pool), false), log, INTERVAL_MS);
}

/** What one run of the job has changed. */
interface Reordering {
  begun: number;
  ended: number;
  drafted: number;
  changed: number;
}

/** Looks at all positions that are low once. A second run changes nothing. @param holdMs how long a shortage lasts before it gets a draft */
export function reorder(pool: Pool, holdMs = SHORTAGE_HOLD_MS): Promise<Reordering> {
  return transaction(pool, async (client) => {
    const result: Reordering = { begun: 0, ended: 0, drafted: 0, changed: 0 };
    const { rows } = await client.query<{ mine: boolean; now: number }>(
      "SELECT pg_try_advisory_xact_lock(hashtext('waystock reorder')) AS mine, extract(epoch FROM now())::float8 * 1000 AS now",
    );
    const { mine, now } = rows[0]!;
    if (!mine) return result;
    const stock = await loadReorderStock(client);
    const begun = stock.filter((each) => each.shortSince === null && isShort(each));
    const ended = stock.filter((each) => each.shortSince !== null && isCovered(each));
    const ids = (positions: readonly ReorderStock[]) => positions.map(({ id }) => id);
    if (begun.length > 0) await beginShortages(client, ids(begun));
    if (ended.length > 0) await endShortages(client, ids(ended));
    const held = stock.filter(
      (each) => isShort(each) && !isDismissed(each, now) && now - (each.shortSince ?? now) >= holdMs,
    );
    const demand = held.length > 0 ? await loadDemand(client, ids(held)) : new Map<number, never>();
    for (const each of held) {
      const history = demand.get(each.id);
      const figures = history && demandFigures(history, each.leadTimeDays, each.valueCents);
      const quantity = orderQuantity(each, each, figures?.economic_quantity ?? null);
      if (each.draftId === null) {
        const { id: stockId, itemId, locationId, supplierId } = each;
        if ((await addDraft(client, { stockId, itemId, locationId, supplierId, quantity })) !== undefined)
          result.drafted += 1;
      } else if (!each.isDraftChanged && each.draftQuantity !== null && each.draftQuantity < quantity) {
        await changeDraft(client, { id: each.draftId, version: each.draftVersion! }, quantity);
        result.changed += 1;
      }
    }
    return { ...result, begun: begun.length, ended: ended.length };
  });
}
