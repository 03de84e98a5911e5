import { setTimeout as sleep } from "node:timers/promises";
import type { BenchPlatform } from "./platform.ts";
import { cpuSecondsOf } from "./process-times.ts";

/** Cores that ingest and Postgres may use and count as at rest: their periodic workers go on. */
const AT_REST_CORES = 0.5;
const AT_REST_SECONDS = 3;
const WITHIN_SECONDS = 300;

/**
 * Resolves when the platform has looked at its world once: after a start it evaluates the alert rules of every stock position and
 * derives what it keeps of every vehicle, which takes minutes for a million positions and is no part of what is measured.
 * @throws when it does not come to rest
 */
export async function waitForQuiescence({ pids }: BenchPlatform): Promise<void> {
  const used = async () => (await cpuSecondsOf(pids.ingest)) + (await cpuSecondsOf(pids.postgres));
  let [before, atRest] = [await used(), 0];
  for (let second = 0; second < WITHIN_SECONDS; second += 1) {
    await sleep(1_000);
    const now = await used();
    atRest = now - before < AT_REST_CORES ? atRest + 1 : 0;
    if (atRest === AT_REST_SECONDS) return;
    before = now;
  }
  throw new Error(`ingest and Postgres use more than ${AT_REST_CORES} cores for ${WITHIN_SECONDS} s`);
}
