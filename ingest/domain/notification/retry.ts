const FIRST_MS = 1_000;
const MAX_MS = 10 * 60_000;
/** What was not accepted for so long is given up, milliseconds. */
const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;

/**
 * How long to wait after an attempt that failed: four times as long each time, ten minutes at most, between half of that and the whole
 * (so that those who failed together do not come back together). Undefined: give up.
 * @param attempts made so far, 1 or more
 * @param waitingMs since it was due first
 * @param askedMs how long the other side wants us to wait (`Retry-After`)
 * @param random from 0 to 1
 */
export function retryAfterMs(
  { attempts, waitingMs, askedMs = 0 }: { attempts: number; waitingMs: number; askedMs?: number | undefined },
  random: number,
): number | undefined {
  if (waitingMs >= GIVE_UP_AFTER_MS) return undefined;
  const most = Math.min(MAX_MS, FIRST_MS * 4 ** Math.min(attempts - 1, 10));
  return Math.max(Math.min(askedMs, GIVE_UP_AFTER_MS), most / 2 + (most / 2) * random);
}
