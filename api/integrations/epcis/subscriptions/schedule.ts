/*
 * When a scheduled query runs (EPCIS 2.0 §8.2.5.3): at the moments whose second, minute, … match, in UTC.
 */

/** Each a list of numbers and ranges, such as `1,5,[10-20]`; steps as in `0/30`, too, which the standard's own example uses. */
export interface Schedule {
  second?: string | undefined;
  minute?: string | undefined;
  hour?: string | undefined;
  dayOfMonth?: string | undefined;
  month?: string | undefined;
  /** 1: Monday */
  dayOfWeek?: string | undefined;
}

/** From the finest to the coarsest, each with the numbers that it may have. */
const FIELDS = {
  second: [0, 59],
  minute: [0, 59],
  hour: [0, 23],
  dayOfMonth: [1, 31],
  month: [1, 12],
  dayOfWeek: [1, 7],
} as const;
export type ScheduleField = keyof typeof FIELDS;
export const SCHEDULE_FIELDS = Object.keys(FIELDS) as ScheduleField[];
/** Of a time of day. What is finer than the finest that is given is 0: `{hour: "1"}` is once a day, not 3,600 times. */
const OF_DAY: readonly ScheduleField[] = ["second", "minute", "hour"];

const DAY_MS = 86_400_000;
/** 29 February of a certain weekday comes once in 28 years, in 40 around 1900 and 2100. */
const MAX_DAYS = 366 * 41;

/** Why this is no value of the field; undefined: it is one. */
export function scheduleProblem(field: ScheduleField, text: string): string | undefined {
  const [from, to] = FIELDS[field];
  return numbersOf(field, text) === undefined
    ? `expected numbers from ${from} to ${to}, such as "${from}", "${from},${to}" or "[${from}-${to}]"`
    : undefined;
}

function numbersOf(field: ScheduleField, text: string): Set<number> | undefined {
  const [least, most] = FIELDS[field];
  const numbers = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(?:(\d{1,2})(?:\/(\d{1,2}))?|\[(\d{1,2})-(\d{1,2})\]|\*)$/.exec(part.trim());
    if (!match) return undefined;
    const [, single, step, start, end] = match;
    const from = Number(single ?? start ?? least);
    const to = single === undefined ? Number(end ?? most) : step === undefined ? from : most;
    const by = step === undefined ? 1 : Number(step);
    if (from < least || to > most || from > to || by === 0) return undefined;
    for (let number = from; number <= to; number += by) numbers.add(number);
  }
  return numbers;
}

/**
 * The first moment after `afterMs` at which the query runs; undefined: there is none, such as on 31 February.
 * @param schedule has passed `scheduleProblem`
 */
export function nextRun(schedule: Schedule, afterMs: number): number | undefined {
  const given = Object.fromEntries(
    SCHEDULE_FIELDS.map((field) => [
      field,
      schedule[field] === undefined ? undefined : numbersOf(field, schedule[field]),
    ]),
  ) as Record<ScheduleField, Set<number> | undefined>;
  const finest = OF_DAY.findIndex((field) => given[field] !== undefined);
  const ofDay = OF_DAY.map((field, at) => {
    const [from, to] = FIELDS[field];
    const all = Array.from({ length: to - from + 1 }, (_, number) => from + number);
    const isFiner = finest < 0 || at < finest;
    return [...(given[field] ?? (isFiner ? [0] : all))].toSorted((a, b) => a - b);
  });
  const [seconds, minutes, hours] = ofDay as [number[], number[], number[]];
  const firstDay = Math.floor(afterMs / DAY_MS);
  for (let day = firstDay; day <= firstDay + MAX_DAYS; day += 1) {
    const start = day * DAY_MS;
    if (!isDue(given, new Date(start))) continue;
    for (const hour of hours) {
      if (start + (hour + 1) * 3_600_000 <= afterMs) continue;
      for (const minute of minutes)
        for (const second of seconds) {
          const moment = start + ((hour * 60 + minute) * 60 + second) * 1_000;
          if (moment > afterMs) return moment;
        }
    }
  }
  return undefined;
}

const isDue = ({ dayOfMonth, month, dayOfWeek }: Record<ScheduleField, Set<number> | undefined>, day: Date): boolean =>
  (month?.has(day.getUTCMonth() + 1) ?? true) &&
  (dayOfMonth?.has(day.getUTCDate()) ?? true) &&
  (dayOfWeek?.has(day.getUTCDay() || 7) ?? true);
