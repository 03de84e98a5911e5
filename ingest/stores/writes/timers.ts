import { float8s, texts } from "../encoding/binary-array.ts";
import type { Write } from "../statement.ts";

/** The rule to be asked about something (in its own words) once a clock has come to `at`, epoch milliseconds. */
export interface TimerRow {
  subject: string;
  at: number;
}

/** Rules that conclude from absence, named like the file that holds them. */
export type TimerRule = "tag-presence" | "unexplained-removal";

/** Has the rule asked; where it is to be asked earlier already, that stands. */
export function writeTimers(rule: TimerRule, rows: readonly TimerRow[]): Write {
  return {
    name: `due_${rule.replaceAll("-", "_")}`,
    sql: `INSERT INTO timers AS existing (rule, subject, fires_at) SELECT $1, subject, to_timestamp(at / 1000)
      FROM unnest($2::text[], $3::float8[]) AS t (subject, at) ORDER BY subject
      ON CONFLICT (rule, subject) DO UPDATE SET fires_at = excluded.fires_at WHERE existing.fires_at > excluded.fires_at`,
    params: [rule, texts(rows, (row) => row.subject), float8s(rows, (row) => row.at)],
  };
}

/** Has the rule asked again later. */
export function postponeTimers(rule: TimerRule, rows: readonly TimerRow[]): Write {
  return {
    name: "due_later",
    sql: `UPDATE timers SET fires_at = to_timestamp(t.at / 1000) FROM unnest($2::text[], $3::float8[]) AS t (subject, at)
      WHERE timers.rule = $1 AND timers.subject = t.subject`,
    params: [rule, texts(rows, (row) => row.subject), float8s(rows, (row) => row.at)],
  };
}

/** What has been answered. */
export function removeTimers(rule: TimerRule, subjects: readonly string[]): Write {
  return {
    name: "due_done",
    sql: "DELETE FROM timers WHERE rule = $1 AND subject = ANY($2::text[])",
    params: [rule, texts(subjects, (subject) => subject)],
  };
}
