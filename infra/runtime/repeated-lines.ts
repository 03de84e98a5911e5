import { LRUCache } from "lru-cache";

/** The same error is logged in full once in this time; those between are counted. */
const QUIET_MS = 60_000;
const MAX_KEYS = 1_000;

/** A line of the log by what makes it the same as another. */
type Decision = { isLogged: false } | { isLogged: true; repeated: number };

/** Decides which of many equal errors are logged: an outage is told in a few lines, not once per retry and connection. */
export function createRepeatFilter(now: () => number = () => performance.now()): (key: string) => Decision {
  const known = new LRUCache<string, { loggedAt: number; repeated: number }>({ max: MAX_KEYS });
  return (key) => {
    const at = now();
    const before = known.get(key);
    if (before !== undefined && at - before.loggedAt < QUIET_MS) {
      before.repeated += 1;
      return { isLogged: false };
    }
    known.set(key, { loggedAt: at, repeated: 0 });
    return { isLogged: true, repeated: before?.repeated ?? 0 };
  };
}

/** Errors of the network, and what Postgres answers while it stops, starts or is full (SQLSTATE classes 08, 53 and 57). */
const OUTAGE = /^(E[A-Z]{3,}|08\w{3}|53\w{3}|57P0\w)$/;
const OUTAGE_TEXT = /connection (terminated|ended|timeout|lost)|timeout (expired|exceeded)|the connection ended/i;

/** Whether the error says that something is away: where in the code that was noticed tells nothing. */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ("code" in error && OUTAGE.test(String(error.code))) || OUTAGE_TEXT.test(error.message);
}
