import { setTimeout as delay } from "node:timers/promises";

/** Waits for a promise, but not longer than `limitMs`. @returns whether it was fulfilled in time @throws what it throws */
export async function endsWithin(promise: Promise<unknown>, limitMs: number): Promise<boolean> {
  const timeout = new AbortController();
  const tooLate = delay(limitMs, false, { signal: timeout.signal }).catch(() => false);
  try {
    return await Promise.race([promise.then(() => true), tooLate]);
  } finally {
    timeout.abort();
  }
}
