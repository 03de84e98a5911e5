import { offsetMinutes } from "../notification/hours.ts";

/*
 * When a report is due: at an hour of the clock on the wall of a place, each day, each week on a day, or each month. Where the clock
 * is put forward, an hour that it leaves out is due when it jumps; where it is put back, the first of the two hours counts. In a
 * month without such a day it is due on its last one.
 */

export const FREQUENCIES = ["daily", "weekly", "monthly"] as const;
export type Frequency = (typeof FREQUENCIES)[number];

export interface ReportTimes {
  frequency: Frequency;
  /** of weekly ones: 1 is Monday, 7 Sunday (ISO 8601) */
  weekday: number | null;
  /** of monthly ones: 1 to 31 */
  monthDay: number | null;
  /** 0 to 23 */
  hour: number;
  /** IANA name, e.g. `Europe/Berlin` */
  zone: string;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** A month of 31 days, and one on either side. */
const MAX_DAYS = 64;

/** The first due time after a moment. Epoch milliseconds. */
export function nextDue(times: ReportTimes, afterMs: number): number {
  const today = Math.floor((afterMs + offsetMinutes(times.zone, afterMs) * MINUTE) / DAY);
  for (let day = today; day < today + MAX_DAYS; day += 1) {
    if (!isDay(times, day)) continue;
    const due = atLocalHour(times.zone, day, times.hour);
    if (due > afterMs) return due;
  }
  throw new RangeError(`a ${times.frequency} report is never due`);
}

/** The due time before one: what is told is of the time between them. */
export function previousDue(times: ReportTimes, dueMs: number): number {
  let previous = nextDue(times, dueMs - MAX_DAYS * DAY);
  for (let next = previous; next < dueMs; next = nextDue(times, next)) previous = next;
  return previous;
}

function isDay({ frequency, weekday, monthDay }: ReportTimes, day: number): boolean {
  if (frequency === "daily") return true;
  const date = new Date(day * DAY);
  if (frequency === "weekly") return (date.getUTCDay() || 7) === (weekday ?? 1);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.getUTCDate() === Math.min(monthDay ?? 1, lastDay);
}

/** @param day days since 1970-01-01 by the clock of the zone */
function atLocalHour(zone: string, day: number, hour: number): number {
  const local = day * DAY + hour * 60 * MINUTE;
  const [before, after] = [offsetMinutes(zone, local - DAY) * MINUTE, offsetMinutes(zone, local + DAY) * MINUTE];
  const shown = [local - before, local - after].filter((at) => at + offsetMinutes(zone, at) * MINUTE === local);
  return shown.length > 0 ? Math.min(...shown) : local - before;
}
