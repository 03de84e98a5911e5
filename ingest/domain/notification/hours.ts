/*
 * When people may be told, by the clock on the wall of a place. Where that clock is put forward, hours that begin in the hour it
 * leaves out begin when it jumps; where it is put back, an hour that comes twice counts twice.
 */

/** From Monday on, as Postgres and ISO 8601 number them: 1 to 7. */
export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

export interface Hours {
  /** `HH:MM`; inclusive */
  from: string;
  /** `HH:MM`; exclusive. At or before `from`: on the next day */
  to: string;
  /** on which they begin */
  days: readonly Day[];
}

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
/** Hours of one day a week may fall into the hour that a clock leaves out: then they come a week later. */
const MAX_DAYS = 15;

/** Whether people may be told now. @param zone IANA name, e.g. `Europe/Berlin`; @param atMs epoch milliseconds */
export function isOpen({ from, to, days }: Hours, zone: string, atMs: number): boolean {
  const local = localMinutes(zone, atMs);
  const minute = mod(local, DAY_MINUTES);
  const day = Math.floor(local / DAY_MINUTES);
  const [begins, ends] = [minuteOf(from), minuteOf(to)];
  const beginsOn = (at: number) => days.includes(weekday(at));
  if (begins < ends) return minute >= begins && minute < ends && beginsOn(day);
  return (minute >= begins && beginsOn(day)) || (minute < ends && beginsOn(day - 1));
}

/** The first moment, not before `atMs`, at which people may be told. Epoch milliseconds. */
export function nextOpen(hours: Hours, zone: string, atMs: number): number {
  if (hours.days.length === 0) throw new RangeError("hours without a day never open");
  if (isOpen(hours, zone, atMs)) return atMs;
  const begins = minuteOf(hours.from);
  const today = Math.floor(localMinutes(zone, atMs) / DAY_MINUTES);
  for (let day = today; day < today + MAX_DAYS; day += 1) {
    const found = moments(zone, day, begins).find((moment) => moment > atMs && isOpen(hours, zone, moment));
    if (found !== undefined) return found;
  }
  throw new RangeError(`hours from ${hours.from} to ${hours.to} never open in ${zone}`);
}

/** When hours may begin on a local day: as its clock shows this minute, and as it is put forward or back. In order. */
function moments(zone: string, day: number, minute: number): number[] {
  const local = day * DAY_MINUTES + minute;
  const [dayBefore, dayAfter] = [(day - 1) * DAY_MINUTES, (day + 2) * DAY_MINUTES];
  const offsets = [offsetMinutes(zone, dayBefore * MINUTE), offsetMinutes(zone, dayAfter * MINUTE)] as const;
  const shown = [...new Set(offsets)]
    .map((offset) => (local - offset) * MINUTE)
    .filter((moment) => localMinutes(zone, moment) === local);
  const jump = offsets[0] === offsets[1] ? [] : [jumpBetween(zone, dayBefore * MINUTE, dayAfter * MINUTE)];
  const isOfDay = (moment: number) => Math.floor(localMinutes(zone, moment) / DAY_MINUTES) === day;
  return [...shown, ...jump.filter(isOfDay)].toSorted((a, b) => a - b);
}

/** The moment between two, in whole minutes, from which the offset of the second holds. */
function jumpBetween(zone: string, before: number, after: number): number {
  const offset = offsetMinutes(zone, after);
  let [low, high] = [before / MINUTE, after / MINUTE];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMinutes(zone, middle * MINUTE) === offset) high = middle;
    else low = middle;
  }
  return high * MINUTE;
}

/** Whether this is the name of a time zone that is known here: another version of Node.js may know others. */
export function isTimeZone(zone: string): boolean {
  try {
    offsetMinutes(zone, 0);
    return true;
  } catch {
    return false;
  }
}

/** What the clock of a zone shows, as minutes since 1970-01-01 of that clock. */
const localMinutes = (zone: string, atMs: number): number => Math.floor(atMs / MINUTE) + offsetMinutes(zone, atMs);

/** The day that the calendar of a zone shows, as days since 1970-01-01. */
export const localDay = (zone: string, atMs: number): number => Math.floor(localMinutes(zone, atMs) / (24 * 60));

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the clock of a zone is ahead of UTC. */
export function offsetMinutes(zone: string, atMs: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      ...{ year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" },
    });
    formats.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const shown = Date.UTC(part["year"]!, part["month"]! - 1, part["day"], part["hour"], part["minute"]);
  return shown / MINUTE - Math.floor(atMs / MINUTE);
}

/** 1970-01-01 was a Thursday. */
const weekday = (day: number): Day => DAYS[mod(day + 3, 7)]!;

function minuteOf(time: string): number {
  const [hour, minute] = time.split(":").map(Number);
  return hour! * 60 + minute!;
}

const mod = (a: number, n: number): number => ((a % n) + n) % n;
