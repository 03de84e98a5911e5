import { setTimeout as sleep } from "node:timers/promises";
import type { Latencies } from "./latencies.ts";
import type { Publisher } from "./publisher.ts";

export interface LoadOptions {
  seconds: number;
  /** messages a second over all connections; undefined: saturation, `window` in flight on each */
  rate: number | undefined;
  window?: number;
}

/** The publishers' view. Latencies in milliseconds, from the write of a message to its PUBACK. */
export interface LoadResult {
  acknowledged: number;
  perSecond: number;
  p50: number | undefined;
  p99: number | undefined;
}

const TICK_MS = 2;
const LAST_PUBACK_WITHIN_MS = 20_000;

/** Publishes for `seconds` on open connections, then waits until every message has its PUBACK. */
export async function runLoad(
  publishers: readonly Publisher[],
  latencies: Latencies,
  { seconds, rate, window = 20 }: LoadOptions,
): Promise<LoadResult> {
  latencies.clear();
  const before = acknowledgedBy(publishers);
  const startedAt = performance.now();
  if (rate === undefined) await saturate(publishers, window, seconds);
  else await pace(publishers, rate, seconds);
  const acknowledged = acknowledgedBy(publishers) - before;
  const perSecond = Math.round((acknowledged * 1000) / (performance.now() - startedAt));
  await waitUntilAcknowledged(publishers);
  return {
    acknowledged: acknowledgedBy(publishers) - before,
    perSecond,
    p50: latencies.quantile(0.5),
    p99: latencies.quantile(0.99),
  };
}

async function saturate(publishers: readonly Publisher[], window: number, seconds: number): Promise<void> {
  for (const publisher of publishers) {
    publisher.refillsWindow = true;
    publisher.send(window, performance.now());
  }
  await sleep(seconds * 1000);
  for (const publisher of publishers) publisher.refillsWindow = false;
}

/** At every tick sends the messages due by then, in turn on each connection. */
async function pace(publishers: readonly Publisher[], rate: number, seconds: number): Promise<void> {
  const startedAt = performance.now();
  let sent = 0;
  let turn = 0;
  for (;;) {
    const now = performance.now();
    const elapsed = Math.min(now - startedAt, seconds * 1000);
    const due = Math.floor((elapsed * rate) / 1000) - sent;
    // With few connections each write carries several messages, as a buffering client would send them.
    const each = Math.ceil(due / publishers.length);
    for (let left = due; left > 0; left -= each) {
      publishers[turn]!.send(Math.min(each, left), now);
      turn = (turn + 1) % publishers.length;
    }
    sent += due;
    if (elapsed >= seconds * 1000) return;
    await sleep(TICK_MS);
  }
}

async function waitUntilAcknowledged(publishers: readonly Publisher[]): Promise<void> {
  const deadline = performance.now() + LAST_PUBACK_WITHIN_MS;
  while (publishers.some(({ inFlight, failure }) => inFlight > 0 && !failure)) {
    if (performance.now() >= deadline) throw new Error("some messages got no PUBACK within 20 s");
    await sleep(2);
  }
  const failure = publishers.find((publisher) => publisher.failure)?.failure;
  if (failure) throw failure;
}

function acknowledgedBy(publishers: readonly Publisher[]): number {
  return publishers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
}
