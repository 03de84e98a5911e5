import type { Span } from "../spans.ts";

/*
 * Who has a vehicle, at each time:
 *
 * 1. Who had signed on last, for twelve hours at most. Who is told of again has signed on when that was told first, so a card that is
 *    left in the reader does not outdo whoever has signed on since.
 * 2. Else who was planned to drive the trip of that time; of several trips the one that began last.
 */

/** Who signed on longer ago is not known to drive. A reader that tells of a driver all day tells again every six hours. */
export const SIGNED_ON_MS = 12 * 3_600_000;

/** A driver without a row of their own has a name alone; both null: nobody is known. */
export interface Driver {
  driverId: number | null;
  driverName: string | null;
}

/** Times in epoch milliseconds. */
export interface SignOn extends Driver {
  /** when it was told */
  at: number;
  /** when it was told first */
  since: number;
}

export interface PlannedDriver extends Driver, Span {}

const NOBODY: Driver = { driverId: null, driverName: null };

/** Who is the same has the same key. */
export const driverKey = ({ driverId, driverName }: Driver): string => `${driverId} ${driverName}`;

/** The times of each driver in a period, by their keys; together they are the whole of it. @param signOns in the order in which they were told */
export function driverTimes(
  period: Span,
  signOns: readonly SignOn[],
  planned: readonly PlannedDriver[],
): Map<string, { driver: Driver; times: Span[] }> {
  const changes = [
    ...signOns.flatMap(({ at }) => [at, at + SIGNED_ON_MS]),
    ...planned.flatMap(({ from, to }) => [from, to]),
  ].filter((at) => at > period.from && at < period.to);
  const bounds = [...new Set([period.from, ...changes, period.to])].toSorted((a, b) => a - b);
  const found = new Map<string, { driver: Driver; times: Span[] }>();
  let first = 0;
  for (const [index, to] of bounds.slice(1).entries()) {
    const from = bounds[index]!;
    while (first < signOns.length && signOns[first]!.at + SIGNED_ON_MS <= from) first += 1;
    const driver = signedOnAt(from, signOns, first) ?? plannedAt(from, planned) ?? NOBODY;
    const key = driverKey(driver);
    const known = found.get(key);
    if (known === undefined) found.set(key, { driver, times: [{ from, to }] });
    else if (known.times.at(-1)!.to === from) known.times.at(-1)!.to = to;
    else known.times.push({ from, to });
  }
  return found;
}

/** @param first the first that still holds */
function signedOnAt(at: number, signOns: readonly SignOn[], first: number): Driver | undefined {
  let last: SignOn | undefined;
  for (let each = first; each < signOns.length && signOns[each]!.at <= at; each += 1) {
    const { since } = signOns[each]!;
    if (last === undefined || since >= last.since) last = signOns[each];
  }
  return last && { driverId: last.driverId, driverName: last.driverName };
}

function plannedAt(at: number, planned: readonly PlannedDriver[]): Driver | undefined {
  let last: PlannedDriver | undefined;
  for (const plan of planned) {
    if (plan.from <= at && at < plan.to && (last === undefined || plan.from > last.from)) last = plan;
  }
  return last && { driverId: last.driverId, driverName: last.driverName };
}
