/**
 * START HERE: how what has happened leaves the house.
 *
 *   outbox      the statement that makes something happen writes what others must hear of     ingest/stores/queries/alerts/commit.ts
 *   fan-out     it becomes an event of the log, and by the rules deliveries; one transaction   fan-out.ts, ../events/, notifications.ts
 *   claim       a delivery that is due is this relay's, for the time of a lease                deliveries.ts
 *   deliver     the message in the form of its channel, sent once                              deliver.ts, ../channels/
 *   record      what the other side said: sent, tried again later, or given up                 deliveries.ts
 *
 * Beside it, loops of their own: webhooks (../webhooks/webhook-relay.ts), whose deliveries the fan-out makes too; reports by mail
 * (../reports/report-relay.ts); captured EPCIS events, which become facts (../epcis/meaning/take.ts), and subscriptions of EPCIS
 * (../epcis/subscriptions/subscription-relay.ts); what an ERP is told, and tells (../erp/erp-relay.ts). An external broker is told from
 * the log of events: ../events/mqtt-publisher.ts.
 *
 * Any number of relays may run, and any may be killed at any moment. Nothing is lost: what is not recorded as sent is sent. What is
 * sent twice is what the other side had accepted when the relay was killed before it could write that down; the message has the same
 * id then (`Message-ID`, `webhook-id`).
 */
import type { Logger } from "pino";
import { type ChannelOptions, createChannels } from "./channels.ts";
import { deliver, type DeliverOptions } from "./deliver.ts";
import { claimDeliveries, type ClaimedDelivery, type Outcome, recordOutcome, releaseDelivery } from "./deliveries.ts";
import { fanOut } from "./fan-out.ts";
import { rememberNames } from "../epcis/meaning/names.ts";
import { takeCaptured } from "../epcis/meaning/take.ts";
import { createSubscriptionRelay } from "../epcis/subscriptions/subscription-relay.ts";
import { createLeasedSender } from "./leased-sender.ts";
import type { RelayLoop, StartLoop } from "./loop.ts";
import { startErpRelay } from "../erp/erp-relay.ts";
import { startWebhookRelay } from "../webhooks/webhook-relay.ts";
import { startMqttEvents } from "../events/mqtt-publisher.ts";
import { createReportRelay } from "../reports/report-relay.ts";

const INTERVAL_MS = 500;
/** Messages that are on their way at once. */
const MAX_IN_FLIGHT = 16;
/** An attempt that takes longer has failed, milliseconds. */
const ATTEMPT_MS = 20_000;
/** How long a delivery is a relay's, milliseconds: an attempt, and time to record it. */
const LEASE_MS = 30_000;
/** What is on its way when the relay stops has so long to arrive, milliseconds. */
const STOP_MS = 4_000;

export interface RelayOptions extends ChannelOptions {
  startLoop: StartLoop;
  /** replaces what is shaped like a secret in what the other side says */
  maskSecrets: (text: string) => string;
  log: Logger;
  /** our GS1 company prefix, for shipments that captured events and orders of an ERP begin */
  companyPrefix?: string | undefined;
  /** external broker that gets the events; undefined: none does */
  eventsMqttUrl?: string | undefined;
  /** how long an event waits at most before it is seen, milliseconds */
  intervalMs?: number;
}

export function startRelay({
  startLoop,
  maskSecrets,
  log,
  intervalMs = INTERVAL_MS,
  ...options
}: RelayOptions): RelayLoop {
  const { pool, publicUrl, companyPrefix } = options;
  const via: DeliverOptions = { pool, publicUrl, channels: createChannels(options) };
  const sender = createLeasedSender<ClaimedDelivery, Outcome>({
    noun: "delivery",
    maxInFlight: MAX_IN_FLIGHT,
    attemptMs: ATTEMPT_MS,
    leaseMs: LEASE_MS,
    intervalMs,
    claim: (room, leaseMs) => claimDeliveries(pool, room, leaseMs),
    async deliver(delivery, signal) {
      const outcome = await deliver(via, delivery, signal);
      return { ...outcome, response: maskSecrets(outcome.response) };
    },
    record: (delivery, outcome) => recordOutcome(pool, delivery, outcome),
    release: (delivery) => releaseDelivery(pool, delivery),
    tell,
    log,
  });

  function tell({ id, ruleId, channel, attempts }: ClaimedDelivery, outcome: Outcome, isWritten: boolean): void {
    const about = { delivery: id, rule: ruleId, channel, attempts };
    if (!isWritten)
      log.warn(
        about,
        "notification delivery cancelled or claimed by another relay while it was sent; it may arrive twice",
      );
    else if (outcome.state === "failed" || (outcome.state === "waiting" && attempts === 1))
      log.warn({ ...about, said: outcome.response }, `a notification was not accepted${again(outcome)}`);
  }

  let isNamed = false;

  async function tick(): Promise<boolean> {
    if (!isNamed) await rememberNames(pool, publicUrl);
    isNamed = true;
    const events = await fanOut(pool, (row, error) =>
      log.error({ err: error, row }, "outbox row could not be processed; postponed"),
    );
    return (await sender.tick()) || events > 0;
  }

  const stopping = new AbortController();
  const shared = { ...options, startLoop, maskSecrets, log, intervalMs };
  const sendReports = createReportRelay({ pool, publicUrl, smtpUrl: options.smtpUrl, maskSecrets, log });
  const loop = startLoop("relay", tick, log, intervalMs);
  const { allowedHosts, sealer } = options;
  const subscribers = createSubscriptionRelay(
    { pool, sealer, allowedHosts, maskSecrets, log, intervalMs },
    stopping.signal,
  );
  const beside = [
    startLoop("report relay", () => sendReports(stopping.signal), log, intervalMs),
    startLoop("captured EPCIS events", async () => (await takeCaptured(pool, companyPrefix)) > 0, log, intervalMs),
    startLoop("EPCIS subscription relay", () => subscribers.tick(), log, intervalMs),
    startWebhookRelay(shared),
    startErpRelay(shared),
  ];
  const { eventsMqttUrl: url } = options;
  const queue = url === undefined ? [] : [startMqttEvents({ ...shared, url })];
  return {
    ...loop,
    // What an external broker does not take is told by `/metrics`: the relay itself is well.
    lastError: () => [loop, ...beside].map((each) => each.lastError()).find((error) => error !== undefined),
    async close() {
      const timer = setTimeout(() => stopping.abort(), STOP_MS);
      sender.stop(STOP_MS);
      const others = [...beside, ...queue].map((each) => each.close(STOP_MS));
      await Promise.all([loop.close(), ...others]);
      await Promise.all([sender.drained(), subscribers.drained()]);
      clearTimeout(timer);
    },
  };
}

const again = (outcome: Outcome): string =>
  outcome.state === "waiting" ? `; trying again in ${Math.ceil(outcome.retryMs / 1000)} s` : "";
