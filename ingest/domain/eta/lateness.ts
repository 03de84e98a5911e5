/*
 * Whether a promise is kept, by the estimates of the arrival:
 *
 * 1. A shipment is late once its estimate (p50) has passed the promise for 10 minutes, by the time of the positions that it follows
 *    from, so that one slow quarter of an hour in the readings is none when it comes late or fast.
 * 2. It is late at once when the estimate has passed the promise by more than 30 minutes.
 * 3. It is on time again when the estimate is at least 15 minutes before the promise. Between the two it stays what it was.
 * 4. An estimate that is not known changes nothing.
 * 5. It is at risk when it is not late and one in ten would come after the promise (p90).
 *
 * That the promise has passed and it is not delivered needs no estimate: who asks compares with the clock.
 */

export interface LateLimits {
  holdMinutes: number;
  atOnceMinutes: number;
  clearMarginMinutes: number;
}

export const LATE_LIMITS: LateLimits = { holdMinutes: 10, atOnceMinutes: 30, clearMarginMinutes: 15 };

/** What is remembered of a shipment; epoch milliseconds. */
export interface Lateness {
  /** the promise that it was compared with; null: none */
  dueAt: number | null;
  /** the estimate has passed the promise since then, by the time of the positions */
  pastDueSince: number | null;
  isLate: boolean;
  isAtRisk: boolean;
}

interface Expected {
  dueAt: number | null;
  p50: number | null;
  p90: number | null;
  positionAt: number | null;
}

const MINUTE_MS = 60_000;

export function nextLateness(before: Lateness | null, expected: Expected): Lateness {
  const { dueAt, p50, p90, positionAt } = expected;
  if (dueAt === null) return { dueAt, pastDueSince: null, isLate: false, isAtRisk: false };
  const known = before?.dueAt === dueAt ? before : null;
  if (p50 === null || p90 === null || positionAt === null) {
    return { dueAt, pastDueSince: known?.pastDueSince ?? null, isLate: known?.isLate ?? false, isAtRisk: false };
  }
  const since = known?.pastDueSince ?? null;
  const pastDueSince = p50 > dueAt ? Math.min(since ?? positionAt, positionAt) : null;
  const level = lateLevel({ dueAt, p50, positionAt, pastDueSince });
  const isLate = level === "raised" || (level === "between" && (known?.isLate ?? false));
  return { dueAt, pastDueSince, isLate, isAtRisk: !isLate && p90 > dueAt };
}

/** Where the estimate stands against the promise, as a condition with hysteresis. */
export function lateLevel(
  {
    dueAt,
    p50,
    positionAt,
    pastDueSince,
  }: {
    dueAt: number;
    p50: number;
    positionAt: number;
    pastDueSince: number | null;
  },
  limits: LateLimits = LATE_LIMITS,
): "raised" | "between" | "clear" {
  const over = p50 - dueAt;
  if (over > limits.atOnceMinutes * MINUTE_MS) return "raised";
  const held = pastDueSince === null ? 0 : positionAt - pastDueSince;
  if (over > 0 && held >= limits.holdMinutes * MINUTE_MS) return "raised";
  return over > -limits.clearMarginMinutes * MINUTE_MS ? "between" : "clear";
}
