import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";

/** What was accepted is written down even if Postgres is away for a moment: else it would be sent again. Two minutes in all. */
const RECORD_AGAIN_MS = 200;
const MAX_RECORD_ATTEMPTS = 600;

/** A delivery that this relay has, and nobody else until its lease ends. */
interface Claimed {
  id: number;
}

interface SenderOptions<Delivery extends Claimed, Outcome extends { state: string }> {
  /** what is sent, for the log */
  noun: string;
  /** deliveries that are on their way at once */
  maxInFlight: number;
  /** an attempt that takes longer has failed, milliseconds */
  attemptMs: number;
  /** how long a delivery is a relay's, milliseconds: an attempt, and time to record it */
  leaseMs: number;
  /** how long a tick waits for one of those on their way, milliseconds */
  intervalMs: number;
  claim(room: number, leaseMs: number, inFlight: readonly Delivery[]): Promise<Delivery[]>;
  deliver(delivery: Delivery, signal: AbortSignal): Promise<Outcome>;
  /** @returns whether it was written: not by a relay that has lost its lease */
  record(delivery: Delivery, outcome: Outcome): Promise<boolean>;
  /** gives a delivery back that was not tried */
  release(delivery: Delivery): Promise<void>;
  /** logs what became of an attempt */
  tell(delivery: Delivery, outcome: Outcome, isWritten: boolean): void;
  log: Logger;
}

export interface LeasedSender {
  /** claims what is due and sends it. @returns whether there was work */
  tick(): Promise<boolean>;
  /** what is on its way has so long to arrive, milliseconds; call it beside the end of the loop, and `drained` after that */
  stop(withinMs: number): void;
  drained(): Promise<void>;
}

/**
 * Sends deliveries that are claimed with a lease. Any number of relays may do so, and any may be killed at any moment: what is not
 * recorded as sent is sent. Sent twice is only what the other side had accepted when the relay was killed before it wrote that down.
 */
export function createLeasedSender<Delivery extends Claimed, Outcome extends { state: string }>(
  options: SenderOptions<Delivery, Outcome>,
): LeasedSender {
  const { noun, maxInFlight, attemptMs, leaseMs, intervalMs, log } = options;
  const inFlight = new Map<Delivery, Promise<void>>();
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  async function send(delivery: Delivery, claimedAt: number): Promise<void> {
    const limit = AbortSignal.any([AbortSignal.timeout(attemptMs), stopping.signal]);
    // A process that was frozen meanwhile may have lost it.
    const isLate = performance.now() - claimedAt > leaseMs - attemptMs;
    if (isLate || stopping.signal.aborted) return options.release(delivery);
    const outcome = await options.deliver(delivery, limit);
    if (stopping.signal.aborted && outcome.state === "waiting") return options.release(delivery);
    await record(delivery, outcome);
  }

  async function record(delivery: Delivery, outcome: Outcome): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        options.tell(delivery, outcome, await options.record(delivery, outcome));
        return;
      } catch (error) {
        if (stopping.signal.aborted || attempt === MAX_RECORD_ATTEMPTS) throw error;
        await sleep(RECORD_AGAIN_MS);
      }
    }
  }

  return {
    async tick() {
      const room = maxInFlight - inFlight.size;
      const claimedAt = performance.now();
      const claimed = room > 0 ? await options.claim(room, leaseMs, [...inFlight.keys()]) : [];
      for (const delivery of claimed) {
        const sending = send(delivery, claimedAt)
          // Its lease ends, and then it is tried again.
          .catch((error: unknown) =>
            log.error(
              { err: error, delivery: delivery.id },
              `${noun}, or the record of its outcome, failed; tried again when the lease ends`,
            ),
          )
          .finally(() => inFlight.delete(delivery));
        inFlight.set(delivery, sending);
      }
      if (inFlight.size === 0) return false;
      // The next message to an address leaves when the one before has arrived.
      await Promise.race([...inFlight.values(), sleep(intervalMs)]);
      return true;
    },
    stop(withinMs) {
      timer ??= setTimeout(() => stopping.abort(), withinMs);
    },
    async drained() {
      await Promise.all(inFlight.values());
      clearTimeout(timer);
    },
  };
}
