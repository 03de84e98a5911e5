/** Days of the month; the two digits of a year are taken as of this century, in which every fourth year has a 29 February. */
function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Whether YYMMDD is a day that exists; day 00 stands for the last day of the month (GS1 General Specifications §3.4). */
export const isGs1Date = (date: string): boolean => isoDate(date) !== undefined;

/** YYMMDD as an ISO date of this century, e.g. `260200` → `2026-02-28`; undefined when there is no such day. */
export function isoDate(date: string): string | undefined {
  if (!/^\d{6}$/.test(date)) return undefined;
  const [year, month, day] = [0, 2, 4].map((at) => Number(date.slice(at, at + 2))) as [number, number, number];
  if (month < 1 || month > 12 || day > daysOf(year, month)) return undefined;
  const two = (value: number) => String(value).padStart(2, "0");
  return `20${two(year)}-${two(month)}-${two(day === 0 ? daysOf(year, month) : day)}`;
}
