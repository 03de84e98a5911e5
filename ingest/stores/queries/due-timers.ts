import type { Pool } from "pg";
import type { TimerRule } from "../writes/timers.ts";
import { timeOfMs } from "../sql-time.ts";

/** Lets the timers fire that are set to after `now`, epoch milliseconds. */
export async function wakeTimers(pool: Pool, now: number): Promise<void> {
  await pool.query({
    name: "wake_timers",
    // Rows that another statement has locked are set by it to a time of the present.
    text: `UPDATE timers SET fires_at = ${timeOfMs("$1")} WHERE (rule, subject) IN
      (SELECT rule, subject FROM timers WHERE fires_at > ${timeOfMs("$1")} ORDER BY rule, subject FOR UPDATE SKIP LOCKED)`,
    values: [now],
  });
}

/** The rules with timers that have fired by `now`, epoch milliseconds. */
export async function rulesWithDueTimers(pool: Pool, now: number): Promise<Set<TimerRule>> {
  const { rows } = await pool.query<{ rule: TimerRule }>({
    name: "rules_with_due_timers",
    text: `SELECT t.rule FROM unnest($2::text[]) AS t (rule)
      WHERE EXISTS (SELECT FROM timers WHERE timers.rule = t.rule AND fires_at <= ${timeOfMs("$1")})`,
    values: [now, ["tag-presence", "unexplained-removal"] satisfies TimerRule[]],
  });
  return new Set(rows.map(({ rule }) => rule));
}
