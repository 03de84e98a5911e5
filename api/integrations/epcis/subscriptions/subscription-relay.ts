/**
 * Tells subscribers of new events: a subscription that is due is claimed for the time of a lease (deliveries.ts), the next events that its
 * query finds are sent in one document (deliver.ts), and how far it has come is written down. Any number of relays may run, and any may be
 * killed at any moment: what is not written down is sent again. Sent twice is only what the receiver had accepted when the relay was
 * killed before it could write that down; the events have the same ids then.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { deliverNext, type SubscriptionDelivery } from "./deliver.ts";
import {
  claimSubscriptions,
  type ClaimedSubscription,
  type DeliveryOutcome,
  recordDelivery,
  releaseSubscription,
} from "./deliveries.ts";

/** Documents that are on their way at once. */
const MAX_IN_FLIGHT = 16;
/** An attempt that takes longer has failed, milliseconds. */
const ATTEMPT_MS = 20_000;
/** How long a subscription is a relay's, milliseconds: an attempt, and time to record it. */
const LEASE_MS = 30_000;
/** What was accepted is written down even if Postgres is away for a moment: else it would be sent again. Two minutes in all. */
const RECORD_AGAIN_MS = 200;
const MAX_RECORD_ATTEMPTS = 600;

interface SubscriptionRelayOptions extends SubscriptionDelivery {
  maskSecrets: (text: string) => string;
  log: Logger;
  intervalMs: number;
}

export interface SubscriptionRelay {
  /** Sends what is due. @returns whether there was work */
  tick(): Promise<boolean>;
  /** resolves when nothing is on its way */
  drained(): Promise<void>;
}

/** @param stopping ends what waits for an answer */
export function createSubscriptionRelay(
  { maskSecrets, log, intervalMs, ...delivery }: SubscriptionRelayOptions,
  stopping: AbortSignal,
): SubscriptionRelay {
  const { pool } = delivery;
  const inFlight = new Set<Promise<void>>();

  async function send(subscription: ClaimedSubscription, claimedAt: number): Promise<void> {
    // A process that was frozen meanwhile may have lost it.
    const isLate = performance.now() - claimedAt > LEASE_MS - ATTEMPT_MS;
    if (isLate || stopping.aborted) return releaseSubscription(pool, subscription);
    const limit = AbortSignal.any([AbortSignal.timeout(ATTEMPT_MS), stopping]);
    const outcome = await deliverNext(delivery, subscription, limit);
    if (stopping.aborted && "done" in outcome && !outcome.done) return releaseSubscription(pool, subscription);
    const response = outcome.response === undefined ? undefined : maskSecrets(outcome.response);
    await record(subscription, { ...outcome, response } as DeliveryOutcome);
  }

  async function record(subscription: ClaimedSubscription, outcome: DeliveryOutcome): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const isWritten = await recordDelivery(pool, subscription, outcome);
        const about = { subscription: subscription.id, query: subscription.queryName };
        if (!isWritten)
          log.warn(
            about,
            "EPCIS subscription ended or claimed by another relay while events were sent; they may arrive twice",
          );
        else if ("ended" in outcome || (!outcome.done && subscription.attempts === 0))
          log.warn({ ...about, said: outcome.response }, "events were not accepted by a subscriber");
        return;
      } catch (error) {
        if (stopping.aborted || attempt === MAX_RECORD_ATTEMPTS) throw error;
        await sleep(RECORD_AGAIN_MS);
      }
    }
  }

  return {
    async tick() {
      const room = MAX_IN_FLIGHT - inFlight.size;
      const claimedAt = performance.now();
      const claimed = room > 0 && !stopping.aborted ? await claimSubscriptions(pool, room, LEASE_MS) : [];
      for (const subscription of claimed) {
        const sending = send(subscription, claimedAt)
          // Its lease ends, and then it is tried again.
          .catch((error: unknown) =>
            log.error(
              { err: error, subscription: subscription.id },
              "EPCIS subscription delivery, or the record of its outcome, failed; tried again when the lease ends",
            ),
          )
          .finally(() => inFlight.delete(sending));
        inFlight.add(sending);
      }
      if (inFlight.size === 0) return false;
      // The next document of a subscription leaves when the one before has arrived.
      await Promise.race([...inFlight, sleep(intervalMs)]);
      return true;
    },
    async drained() {
      await Promise.all(inFlight);
    },
  };
}
