import type { Stores } from "../pipeline/process-batch.ts";
import { assessRemovals } from "./unexplained-removal.ts";
import { endDwells } from "./tag-timeout.ts";
import { startLoop, type Loop } from "./loop.ts";
import { publishNodeTime } from "../stores/queries/ingest-nodes.ts";
import type { ReceiptClock } from "./receipt-clock.ts";
import { rulesWithDueTimers, wakeTimers } from "../stores/queries/due-timers.ts";

const POLL_MS = 200;
const PUBLISH_MS = 1_000;

/**
 * Publishes facts of absence, which follow from readings that do not come. Any number of nodes may run it: each timer is
 * claimed by one of them, and judged by the time of the node that heard the device.
 * @param receivedWatermark everything this node received up to then is committed, epoch milliseconds. Timers count up to it
 *   and not to the clock: the awaited reading may still be in the journal
 * @param clock how long ago something was received, also when the wall clock was set meanwhile
 */
export function startTimerWorker(
  stores: Stores,
  journalId: string,
  receivedWatermark: () => number | undefined,
  clock: ReceiptClock,
): Loop {
  let wasSetBack = false;
  let publishedAt = Number.NEGATIVE_INFINITY;

  async function tick(): Promise<boolean> {
    const reached = receivedWatermark();
    if (reached === undefined) return false;
    const stepMs = clock.observe();
    if (stepMs !== 0)
      stores.log.warn(
        { stepMs },
        "the wall clock was set: how long tags and devices have been silent is counted from now on",
      );
    wasSetBack ||= stepMs < 0;
    if (wasSetBack) {
      // Every timer was set by the clock of before. Each is asked once; what is not due yet is postponed by the new clock.
      await wakeTimers(stores.pool, reached);
      wasSetBack = false;
    }
    const node = { journalId, reached };
    if (performance.now() - publishedAt >= PUBLISH_MS) {
      await publishNodeTime(stores.pool, node);
      publishedAt = performance.now();
    }
    const due = await rulesWithDueTimers(stores.pool, reached);
    const dwells = due.has("tag-presence") && (await stores.mutex.runExclusive(() => endDwells(stores, node, clock)));
    const removals = due.has("unexplained-removal") && (await assessRemovals(stores.pool, node, clock));
    return dwells || removals;
  }
  return startLoop("timer", tick, stores.log, POLL_MS);
}
