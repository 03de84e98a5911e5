import type { Stores } from "../pipeline/process-batch.ts";
import { assessRemovals } from "./unexplained-removal.ts";
import { endDwells } from "./tag-timeout.ts";
import { startLoop, type Loop } from "./loop.ts";
import { dueRules } from "../stores/queries/due-timers.ts";

const POLL_MS = 200;

/**
 * Publishes facts of absence: what no reading will tell, because none comes. Any number of nodes may; each thing that is
 * due is claimed by one.
 * @param receivedWatermark everything received up to then has been detections; what is still in the journal may be what is waited for
 */
export function startTimerWorker(stores: Stores, receivedWatermark: () => number | undefined): Loop {
  async function tick(): Promise<boolean> {
    const now = receivedWatermark();
    if (now === undefined) return false;
    const due = await dueRules(stores.pool, now);
    const visits = due.has("tag-presence") && (await stores.mutex.runExclusive(() => endDwells(stores, now)));
    const removals = due.has("unexplained-removal") && (await assessRemovals(stores.pool, now));
    return visits || removals;
  }
  return startLoop("due", tick, stores.log, POLL_MS);
}
