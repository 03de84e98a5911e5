import type { Stores } from "../pipeline/process-batch.ts";
import { settleRemovals } from "./unexplained-removal.ts";
import { settleVisits } from "./tag-timeout.ts";
import { startLoop, type Loop } from "./loop.ts";
import { dueRules } from "../stores/queries/due-timers.ts";

const POLL_MS = 200;

/**
 * Publishes facts of absence: what no reading will tell, because none comes. Any number of nodes may; each thing that is
 * due is claimed by one.
 * @param heardUntil everything received up to then has been sensed; what is still in the journal may be what is waited for
 */
export function startDueWorker(stores: Stores, heardUntil: () => number | undefined): Loop {
  async function round(): Promise<boolean> {
    const now = heardUntil();
    if (now === undefined) return false;
    const due = await dueRules(stores.pool, now);
    const visits = due.has("tag-presence") && (await stores.mutex.runExclusive(() => settleVisits(stores, now)));
    const removals = due.has("unexplained-removal") && (await settleRemovals(stores.pool, now));
    return visits || removals;
  }
  return startLoop("due", round, stores.log, POLL_MS);
}
