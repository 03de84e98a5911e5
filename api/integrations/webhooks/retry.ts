const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * How long is waited after the first, second … attempt that failed, milliseconds; docs/operations.md has the table. Two weeks of a
 * receiver that is away are not bridged: who was away for longer asks for a replay.
 */
export const RETRY_AFTER_MS: readonly number[] = [
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  1 * HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
  20 * HOUR,
  24 * HOUR,
];
/** The last attempt is made so long after the first one, milliseconds. */
export const GIVE_UP_AFTER_MS = 72 * HOUR;
/** Nobody is left alone for longer, whatever they ask for, milliseconds. */
const MAX_ASKED_MS = 24 * HOUR;

/**
 * How long to wait after an attempt that failed: by the table, 10 % more or less (so that those who failed together do not come back
 * together), and not beyond the last attempt. Undefined: give up. An endpoint that came back has its attempts earlier; then the last
 * entry is repeated.
 * @param attempts made so far, 1 or more
 * @param waitingMs since the first attempt
 * @param askedMs how long the other side wants to be left alone (`Retry-After`)
 * @param random from 0 to 1
 */
export function retryWebhookMs(
  { attempts, waitingMs, askedMs = 0 }: { attempts: number; waitingMs: number; askedMs?: number | undefined },
  random: number,
): number | undefined {
  if (waitingMs >= GIVE_UP_AFTER_MS) return undefined;
  const byTable = RETRY_AFTER_MS[Math.min(attempts, RETRY_AFTER_MS.length) - 1]! * (0.9 + 0.2 * random);
  return Math.max(Math.min(askedMs, MAX_ASKED_MS), Math.min(byTable, GIVE_UP_AFTER_MS - waitingMs));
}
