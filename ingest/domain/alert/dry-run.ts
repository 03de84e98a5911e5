import { type Assessment, type Condition, nextCondition } from "./condition.ts";

/** What a rule would have said at a time, epoch milliseconds, until the next one. */
export interface Moment {
  at: number;
  assessment: Assessment | undefined;
}

/**
 * When a rule would have opened an alert of one subject, had it been on: the state machine of the engine, run over the past.
 * @param moments in the order of time
 * @param until end of the last moment, epoch milliseconds
 * @returns epoch milliseconds
 */
export function openings(moments: readonly Moment[], until: number): number[] {
  const opened: number[] = [];
  let condition: Condition | undefined;
  const step = (assessment: Assessment | undefined, now: number) => {
    const next = nextCondition(condition, assessment, now);
    condition = next.condition;
    if (next.effect === "open") opened.push(now);
  };
  for (const [index, { at, assessment }] of moments.entries()) {
    step(assessment, at);
    const end = moments[index + 1]?.at ?? until;
    // A hold that is over before the next moment.
    const dueAt = condition?.dueAt;
    if (dueAt !== undefined && dueAt !== null && dueAt <= end) step(assessment, dueAt);
  }
  return opened;
}
