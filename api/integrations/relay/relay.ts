/**
 * START HERE: how what has happened leaves the house.
 *
 *   outbox      the statement that makes something happen writes what others must hear of     ingest/stores/queries/alerts/commit.ts
 *   fan-out     it becomes an event of the log, and by the rules deliveries; one transaction   fan-out.ts, ../events/, notifications.ts
 *   claim       a delivery that is due is this relay's, for the time of a lease                deliveries.ts
 *   deliver     the message in the form of its channel, sent once                              deliver.ts, ../channels/
 *   record      what the other side said: sent, tried again later, or given up                 deliveries.ts
 *
 * Captured EPCIS events become facts by a loop of their own: ../epcis/meaning/take.ts.
 * Reports by mail have a loop of their own beside it: ../reports/report-relay.ts.
 *
 * Any number of relays may run, and any may be killed at any moment. Nothing is lost: what is not recorded as sent is sent. What is
 * sent twice is what the other side had accepted when the relay was killed before it could write that down; the message has the same
 * id then (`Message-ID`, `webhook-id`).
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { type ChannelOptions, createChannels } from "./channels.ts";
import { deliver, type DeliverOptions } from "./deliver.ts";
import { claimDeliveries, type ClaimedDelivery, type Outcome, recordOutcome, releaseDelivery } from "./deliveries.ts";
import { fanOut } from "./fan-out.ts";
import { rememberNames } from "../epcis/meaning/names.ts";
import { takeCaptured } from "../epcis/meaning/take.ts";
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

/** A loop that calls `tick` again, at once while it had work to do, and after a growing delay while it fails. */
interface Loop {
  lastError(): string | undefined;
  ticks(): number;
  close(): Promise<void>;
}
type StartLoop = (name: string, tick: () => Promise<boolean>, log: Logger, idleMs: number) => Loop;

export interface RelayOptions extends ChannelOptions {
  startLoop: StartLoop;
  /** replaces what is shaped like a secret in what the other side says */
  maskSecrets: (text: string) => string;
  log: Logger;
  /** our GS1 company prefix, for shipments that captured events begin */
  companyPrefix?: string | undefined;
  /** how long an event waits at most before it is seen, milliseconds */
  intervalMs?: number;
}

export function startRelay({ startLoop, maskSecrets, log, intervalMs = INTERVAL_MS, ...options }: RelayOptions): Loop {
  const { pool, publicUrl, companyPrefix } = options;
  const via: DeliverOptions = { pool, publicUrl, channels: createChannels(options) };
  const inFlight = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function send(delivery: ClaimedDelivery, claimedAt: number): Promise<void> {
    const limit = AbortSignal.any([AbortSignal.timeout(ATTEMPT_MS), stopping.signal]);
    // A process that was frozen meanwhile may have lost it.
    const isLate = performance.now() - claimedAt > LEASE_MS - ATTEMPT_MS;
    if (isLate || stopping.signal.aborted) return releaseDelivery(pool, delivery);
    const outcome = await deliver(via, delivery, limit);
    if (stopping.signal.aborted && outcome.state === "waiting") return releaseDelivery(pool, delivery);
    await record(delivery, { ...outcome, response: maskSecrets(outcome.response) });
  }

  /** What was accepted is written down even if Postgres is away for a moment: else it would be sent again. */
  async function record(delivery: ClaimedDelivery, outcome: Outcome): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const isWritten = await recordOutcome(pool, delivery, outcome);
        tell(delivery, outcome, isWritten);
        return;
      } catch (error) {
        if (stopping.signal.aborted || attempt === MAX_RECORD_ATTEMPTS) throw error;
        await sleep(RECORD_AGAIN_MS);
      }
    }
  }

  function tell({ id, ruleId, channel, attempts }: ClaimedDelivery, outcome: Outcome, isWritten: boolean): void {
    const about = { delivery: id, rule: ruleId, channel, attempts };
    if (!isWritten) log.warn(about, "another relay has taken a delivery whose lease had ended: it may arrive twice");
    else if (outcome.state === "failed" || (outcome.state === "waiting" && attempts === 1))
      log.warn({ ...about, said: outcome.response }, `a notification was not accepted${again(outcome)}`);
  }

  let isNamed = false;

  async function tick(): Promise<boolean> {
    if (!isNamed) await rememberNames(pool, publicUrl);
    isNamed = true;
    const events = await fanOut(pool);
    const room = MAX_IN_FLIGHT - inFlight.size;
    const claimedAt = performance.now();
    const claimed = room > 0 ? await claimDeliveries(pool, room, LEASE_MS) : [];
    for (const delivery of claimed) {
      const sending = send(delivery, claimedAt)
        // Its lease ends, and then it is tried again.
        .catch((error: unknown) => log.error({ err: error, delivery: delivery.id }, "a delivery could not be made"))
        .finally(() => inFlight.delete(sending));
      inFlight.add(sending);
    }
    if (inFlight.size === 0) return events > 0;
    // The next message to an address leaves when the one before has arrived.
    await Promise.race([...inFlight, sleep(intervalMs)]);
    return true;
  }

  const sendReports = createReportRelay({ pool, publicUrl, smtpUrl: options.smtpUrl, maskSecrets, log });
  const loop = startLoop("relay", tick, log, intervalMs);
  const reports = startLoop("report relay", () => sendReports(stopping.signal), log, intervalMs);
  const takes = startLoop(
    "captured EPCIS events",
    async () => (await takeCaptured(pool, companyPrefix)) > 0,
    log,
    intervalMs,
  );
  return {
    ...loop,
    lastError: () => loop.lastError() ?? reports.lastError() ?? takes.lastError(),
    async close() {
      const timer = setTimeout(() => stopping.abort(), STOP_MS);
      await Promise.all([loop.close(), reports.close(), takes.close()]);
      await Promise.all(inFlight);
      clearTimeout(timer);
    },
  };
}

/** Two minutes in all. */
const RECORD_AGAIN_MS = 200;
const MAX_RECORD_ATTEMPTS = 600;

const again = (outcome: Outcome): string =>
  outcome.state === "waiting" ? `; trying again in ${Math.ceil(outcome.retryMs / 1000)} s` : "";
