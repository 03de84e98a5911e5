/**
 * START HERE for webhooks: the fan-out makes a delivery of each event for each endpoint that is told of it (matching.ts), each is claimed for the time
 * of a lease (deliveries.ts), posted (deliver.ts), and what the other side said is written down (outcome.ts). Any number of relays may
 * run. An endpoint that is away, slow or gone holds up nothing but what is for itself. Why so: docs/decisions/38-webhooks.md.
 */
import type { Logger } from "pino";
import { createAuditBatchWriter } from "../../http/audit/queries.ts";
import { createLeasedSender } from "../relay/leased-sender.ts";
import type { RelayLoop, StartLoop } from "../relay/loop.ts";
import { claimWebhookDeliveries, type ClaimedWebhookDelivery, releaseWebhookDelivery } from "./deliveries.ts";
import { deliverWebhook, type WebhookDeliverOptions } from "./deliver.ts";
import { disableOverfull, recordWebhookOutcome, trimDeliveries, type WebhookOutcome } from "./outcome.ts";

/** Messages that are on their way at once, and how many of them may be to endpoints that accept nothing now. */
const MAX_IN_FLIGHT = 32;
const MAX_FAILING_IN_FLIGHT = 8;
/** An attempt that takes longer has failed, milliseconds. */
const ATTEMPT_MS = 20_000;
/** How long a delivery is a relay's, milliseconds: an attempt, and time to record it. */
const LEASE_MS = 30_000;
/** The log is trimmed, and endpoints for which too much waits are turned off, so often, milliseconds. */
const TIDY_MS = 60_000;

interface WebhookRelayOptions extends WebhookDeliverOptions {
  startLoop: StartLoop;
  /** replaces what is shaped like a secret in what the other side says */
  maskSecrets: (text: string) => string;
  log: Logger;
  intervalMs: number;
}

interface WebhookRelay extends Pick<RelayLoop, "lastError"> {
  /** @param withinMs what is on its way has so long to arrive */
  close(withinMs: number): Promise<void>;
}

export function startWebhookRelay(options: WebhookRelayOptions): WebhookRelay {
  const { pool, startLoop, maskSecrets, log, intervalMs } = options;
  const addAuditEntries = createAuditBatchWriter(maskSecrets);
  const sender = createLeasedSender<ClaimedWebhookDelivery, WebhookOutcome>({
    noun: "webhook delivery",
    maxInFlight: MAX_IN_FLIGHT,
    attemptMs: ATTEMPT_MS,
    leaseMs: LEASE_MS,
    intervalMs,
    claim(room, leaseMs, inFlight) {
      const failing = inFlight.filter(({ isFailing }) => isFailing).length;
      return claimWebhookDeliveries(pool, room, Math.max(0, MAX_FAILING_IN_FLIGHT - failing), leaseMs);
    },
    async deliver(delivery, signal) {
      const outcome = await deliverWebhook(options, delivery, signal);
      return { ...outcome, response: maskSecrets(outcome.response) };
    },
    record: (delivery, outcome) => recordWebhookOutcome(pool, addAuditEntries, delivery, outcome),
    release: (delivery) => releaseWebhookDelivery(pool, delivery),
    tell,
    log,
  });

  function tell(
    { id, webhookId, attempts }: ClaimedWebhookDelivery,
    outcome: WebhookOutcome,
    isWritten: boolean,
  ): void {
    const about = { delivery: id, webhook: webhookId, attempts };
    if (!isWritten)
      log.warn(about, "webhook delivery cancelled or claimed by another relay while it was sent; it may arrive twice");
    else if (outcome.state === "failed" || (outcome.state === "waiting" && attempts === 1))
      log.warn({ ...about, said: outcome.response }, "a webhook did not accept an event");
  }

  let nextTidyMs = 0;
  async function tick(): Promise<boolean> {
    if (performance.now() >= nextTidyMs) {
      nextTidyMs = performance.now() + TIDY_MS;
      await disableOverfull(pool, addAuditEntries);
      await trimDeliveries(pool);
    }
    return sender.tick();
  }

  const loop = startLoop("webhook relay", tick, log, intervalMs);
  return {
    lastError: () => loop.lastError(),
    async close(withinMs) {
      sender.stop(withinMs);
      await loop.close();
      await sender.drained();
    },
  };
}
