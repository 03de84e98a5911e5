/*
 * How what a rule finds becomes an alert, and how the alert ends:
 *
 * 1. A level is `raised` on the bad side of the rule's limit, `clear` on the good side of another limit beyond it, and
 *    `between` the two. A level that moves about the limit therefore opens one alert and not many (hysteresis).
 * 2. `raised` must hold for the rule's time. `between` and `clear` end a hold, as if there had been nothing.
 * 3. A condition that was raised stays so until it is clear, whatever people do with its alert meanwhile: an alert that a
 *    person has resolved does not come back while nothing has changed.
 */

/** On which side of its limits a value is. */
export type Level = "raised" | "between" | "clear";

/** What a rule says of the present state of a subject. */
export interface Assessment {
  level: Level;
  /** by time of measurement, epoch milliseconds */
  since: number;
  /** by the clock of the receiver, epoch milliseconds: the hold is counted from then. `since` may be of a clock that is off */
  knownSince: number;
  /** how long it has to last, milliseconds */
  holdMs: number;
  /** what was found, for people */
  detail: Readonly<Record<string, unknown>>;
  /** it follows from late data */
  late: boolean;
  /** not raised now, but in so long if nothing is heard until then, milliseconds */
  raisedInMs?: number;
}

/** What is remembered of a rule and a subject. */
export interface Condition {
  since: number;
  /** epoch milliseconds: it must last until then; null: it did, the alert was opened */
  dueAt: number | null;
}

export interface Step {
  /** undefined: forget it */
  condition: Condition | undefined;
  /** an alert opens, or the alert ends */
  effect: "open" | "resolve" | undefined;
}

/**
 * The next state of a condition.
 * @param assessment undefined: the rule says nothing of the subject any longer, which is as good as clear
 * @param now epoch milliseconds
 */
export function nextCondition(before: Condition | undefined, assessment: Assessment | undefined, now: number): Step {
  const level = assessment?.level ?? "clear";
  if (before !== undefined && before.dueAt === null) {
    return level === "clear" ? { condition: undefined, effect: "resolve" } : { condition: before, effect: undefined };
  }
  if (assessment === undefined || level !== "raised") return { condition: undefined, effect: undefined };
  const { since, knownSince, holdMs } = assessment;
  // A clock that was set back must not make a hold endless.
  const dueAt = Math.min(before?.dueAt ?? Math.min(knownSince, now) + holdMs, now + holdMs);
  if (dueAt > now) return { condition: { since: before?.since ?? since, dueAt }, effect: undefined };
  return { condition: { since: before?.since ?? since, dueAt: null }, effect: "open" };
}

/** A value that is bad at or below `limit`, and good again above `limit + margin`. */
export function lowLevel(value: number, limit: number, margin: number): Level {
  if (value <= limit) return "raised";
  return value > limit + margin ? "clear" : "between";
}

/** A value that is bad above `limit`, and good again at or below `limit - margin`. */
export function highLevel(value: number, limit: number, margin: number): Level {
  if (value > limit) return "raised";
  return value <= limit - margin ? "clear" : "between";
}
