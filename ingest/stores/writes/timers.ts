import { float8s, texts } from "../encoding/binary-array.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** Asks the rule about the subject at `at` (epoch milliseconds); each rule has its own form of subjects. */
export interface TimerRow {
  subject: string;
  at: number;
}

/** Rules that derive facts of absence, by the name of their file. */
export type TimerRule = "tag-presence" | "unexplained-removal";

/** Sets timers. A timer of the same subject that fires earlier stays. */
export function writeTimers(rule: TimerRule, rows: readonly TimerRow[]): Write {
  return {
    name: `timers_${rule.replaceAll("-", "_")}`,
    sql: `INSERT INTO timers AS existing (rule, subject, fires_at) SELECT $1, subject, ${timeOfMs("at")}
      FROM unnest($2::text[], $3::float8[]) AS t (subject, at) ORDER BY subject
      ON CONFLICT (rule, subject) DO UPDATE SET fires_at = excluded.fires_at WHERE existing.fires_at > excluded.fires_at`,
    params: [rule, texts(rows, (row) => row.subject), float8s(rows, (row) => row.at)],
  };
}

/** Sets timers of these subjects to a later time. */
export function postponeTimers(rule: TimerRule, rows: readonly TimerRow[]): Write {
  return {
    name: "timers_postponed",
    sql: `UPDATE timers SET fires_at = ${timeOfMs("t.at")} FROM unnest($2::text[], $3::float8[]) AS t (subject, at)
      WHERE timers.rule = $1 AND timers.subject = t.subject`,
    params: [rule, texts(rows, (row) => row.subject), float8s(rows, (row) => row.at)],
  };
}

/** Deletes timers that were handled. */
export function removeTimers(rule: TimerRule, subjects: readonly string[]): Write {
  return {
    name: "timers_deleted",
    sql: "DELETE FROM timers WHERE rule = $1 AND subject = ANY($2::text[])",
    params: [rule, texts(subjects, (subject) => subject)],
  };
}
