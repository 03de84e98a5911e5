import type { Stores } from "../pipeline/process-batch.ts";
import { assessRemovals } from "./unexplained-removal.ts";
import { endDwells } from "./tag-timeout.ts";
import { startLoop, type Loop } from "./loop.ts";
import { rulesWithDueTimers } from "../stores/queries/due-timers.ts";

const POLL_MS = 200;

/**
 * Publishes facts of absence, which follow from readings that do not come. Any number of nodes may run it: each timer is
 * claimed by one of them.
 * @param receivedWatermark everything this node received up to then is committed, epoch milliseconds. Timers count up to it
 *   and not to the clock: the awaited reading may still be in the journal
 */
export function startTimerWorker(stores: Stores, receivedWatermark: () => number | undefined): Loop {
  async function tick(): Promise<boolean> {
    const now = receivedWatermark();
    if (now === undefined) return false;
    const due = await rulesWithDueTimers(stores.pool, now);
    const dwells = due.has("tag-presence") && (await stores.mutex.runExclusive(() => endDwells(stores, now)));
    const removals = due.has("unexplained-removal") && (await assessRemovals(stores.pool, now));
    return dwells || removals;
  }
  return startLoop("timer", tick, stores.log, POLL_MS);
}
