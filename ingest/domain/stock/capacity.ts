/*
 * How full a place is, and when it will be. A place holds its own stock and that of everything below it.
 *
 * 1. Room is measured in units, litres and kilograms; a place is as full as the measure that is nearest to its capacity.
 * 2. The forecast takes the net inflow of the last 28 days (what came less what left) as it is: so much a day. Under 14 days
 *    of history nothing is said. A place that does not fill has no date.
 */

export const MEASURES = ["units", "litres", "kilograms"] as const;
export type Measure = (typeof MEASURES)[number];

export const FORECAST_WINDOW_DAYS = 28;
export const MIN_HISTORY_DAYS = 14;
/** What is said of later times is no forecast. */
const HORIZON_DAYS = 3_650;
const DAY_MS = 86_400_000;

/** Of one measure; `capacity` null: no limit is set. */
export interface Room {
  capacity: number | null;
  used: number;
}
export type Rooms = Readonly<Record<Measure, Room>>;

/** How full it is, percent; above 100 where more is there than it has room for. Where there is no room, each unit is 100 too much. */
export function percentOf({ capacity, used }: Room): number | null {
  if (capacity === null) return null;
  return 100 - freePercent({ capacity, used });
}

function freePercent({ capacity, used }: { capacity: number; used: number }): number {
  return capacity === 0 ? 100 - 100 * used : ((capacity - used) * 100) / capacity;
}

/** The measure that is nearest to its capacity. @returns undefined when the place has no capacity */
export function fullestOf(rooms: Rooms): { measure: Measure; percent: number } | undefined {
  let fullest: { measure: Measure; percent: number } | undefined;
  for (const measure of MEASURES) {
    const percent = percentOf(rooms[measure]);
    if (percent !== null && percent > (fullest?.percent ?? Number.NEGATIVE_INFINITY)) fullest = { measure, percent };
  }
  return fullest;
}

/** What came into a place less what left, within the window. */
export interface InflowHistory {
  /** since the first movement, the window at most */
  days: number;
  net: Readonly<Record<Measure, number>>;
}

/** @param firstAt of the first movement that is known, and `now`: epoch milliseconds. @returns days of history, the window at most */
export const historyDays = (firstAt: number | null, now: number): number =>
  firstAt === null ? 0 : Math.min(FORECAST_WINDOW_DAYS, Math.max(0, (now - firstAt) / DAY_MS));

/**
 * When a measure reaches its capacity.
 * @param now epoch milliseconds
 * @returns epoch milliseconds; undefined: it has no capacity, too little history, does not fill, or not within ten years
 */
export function fullAt({ capacity, used }: Room, netPerDay: number | undefined, now: number): number | undefined {
  if (capacity === null) return undefined;
  if (used >= capacity) return now;
  if (netPerDay === undefined || netPerDay <= 0) return undefined;
  const days = (capacity - used) / netPerDay;
  return days > HORIZON_DAYS ? undefined : now + days * DAY_MS;
}

/** @returns undefined under 14 days of history */
export function netPerDay({ days, net }: InflowHistory, measure: Measure): number | undefined {
  return days < MIN_HISTORY_DAYS ? undefined : net[measure] / days;
}
