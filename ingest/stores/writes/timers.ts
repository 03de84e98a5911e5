import { float8s, int4s, texts } from "../encoding/binary-array.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** Asks the rule about the subject at `at` (epoch milliseconds); each rule has its own form of subjects. */
export interface TimerRow {
  subject: string;
  at: number;
  /** also ask as soon as this vehicle has a position measured at `ts` (epoch milliseconds) or later */
  vehicle?: VehicleTime | undefined;
}

export interface VehicleTime {
  vehicleId: number;
  ts: number;
}

/** Rules that derive facts of absence, by the name of their file. */
export type TimerRule = "tag-presence" | "unexplained-removal";

const SET_BY = {
  "tag-presence": "timers_tag_presence",
  "unexplained-removal": "timers_unexplained_removal",
} as const;

/** Sets timers. A timer of the same subject that fires earlier stays. */
export function writeTimers(rule: TimerRule, rows: readonly TimerRow[]): Write {
  return {
    name: SET_BY[rule],
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
    sql: `UPDATE timers SET fires_at = ${timeOfMs("t.at")}, vehicle_id = v, vehicle_reaches = ${timeOfMs("reaches")}
      FROM unnest($2::text[], $3::float8[], $4::int[], $5::float8[]) AS t (subject, at, v, reaches)
      WHERE timers.rule = $1 AND timers.subject = t.subject`,
    params: [
      rule,
      texts(rows, (row) => row.subject),
      float8s(rows, (row) => row.at),
      int4s(rows, (row) => row.vehicle?.vehicleId ?? null),
      float8s(rows, (row) => row.vehicle?.ts ?? null),
    ],
  };
}

/**
 * Lets the timers fire that wait for these vehicles. Those that a worker holds just now are left out: the next position
 * comes soon, and their own time stays.
 * @param times the newest position of each vehicle
 * @param others tags whose timers the same statement sets: it must not write a row twice
 */
export function fireTimersOfVehicles(times: readonly VehicleTime[], others: readonly TimerRow[]): Write {
  return {
    name: "timers_reached",
    sql: `UPDATE timers SET fires_at = '-infinity', vehicle_id = NULL, vehicle_reaches = NULL
      FROM (SELECT w.rule, w.subject FROM unnest($1::int[], $2::float8[]) AS p (v, ts)
        JOIN timers w ON w.vehicle_id = p.v AND w.vehicle_reaches <= ${timeOfMs("p.ts")} AND w.subject <> ALL ($3::text[])
        FOR UPDATE OF w SKIP LOCKED) AS reached
      WHERE timers.rule = reached.rule AND timers.subject = reached.subject`,
    params: [
      int4s(times, ({ vehicleId }) => vehicleId),
      float8s(times, ({ ts }) => ts),
      texts(others, (row) => row.subject),
    ],
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
