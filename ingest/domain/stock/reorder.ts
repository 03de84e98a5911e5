import { isTimeZone, localDay } from "../notification/hours.ts";
import { MAX_LEVEL } from "./movement.ts";

/*
 * When and how much to reorder, for one product at one place; quantities in base units.
 *
 * 1. Projected stock is what is available, on order and under way. It is short when it is at or below the reorder point.
 * 2. A shortage that has lasted for a minute gets one draft. It is over when projected stock is above the reorder point by
 *    a tenth of it, one at least: around the threshold nothing comes and goes.
 * 3. The draft brings projected stock to twice the reorder point, and is no less than the economic order quantity, where
 *    that is known. The supplier's minimum and pack round it up; no order is of more than can be counted.
 * 4. A draft that a person has changed stays as it is. One that a person has dismissed is not made again on that day, by the clock of the
 *    place.
 * 5. Demand is what was taken in the last 90 days. Under 14 days of history nothing is said of it.
 */

export const SHORTAGE_HOLD_MS = 60_000;
const MIN_HISTORY_DAYS = 14;

/** Service level of 95 % (one-sided normal quantile). */
const Z = 1.645;
/** The cost of placing one order, cents; and of holding stock for a year, as a share of its value. */
const ORDER_COST_CENTS = 2_000;
const HOLDING_SHARE = 0.2;
const DAYS_A_YEAR = 365;

export interface Projection {
  available: number;
  onOrder: number;
  inTransit: number;
  reorderPoint: number;
}

export const projectedOf = ({ available, onOrder, inTransit }: Omit<Projection, "reorderPoint">): number =>
  available + onOrder + inTransit;

export const isShort = (stock: Projection): boolean =>
  stock.reorderPoint > 0 && projectedOf(stock) <= stock.reorderPoint;

/** Whether a shortage is over; between this and `isShort` it stays as it is. */
export const isCovered = (stock: Projection): boolean =>
  projectedOf(stock) > stock.reorderPoint + Math.max(1, Math.ceil(stock.reorderPoint / 10));

/** Rule 4. A time zone that is not known here counts as UTC. @param now epoch milliseconds */
export function isDismissed(
  { dismissedAt, timeZone }: { dismissedAt: number | null; timeZone: string | null },
  now: number,
): boolean {
  const zone = timeZone !== null && isTimeZone(timeZone) ? timeZone : "UTC";
  return dismissedAt !== null && localDay(zone, dismissedAt) === localDay(zone, now);
}

/** What a supplier says of how it delivers; null: nothing. */
export interface SupplierTerms {
  leadTimeDays: number | null;
  minimumQuantity: number | null;
  packQuantity: number | null;
}

/** How much to order. @param economicQuantity null: not known */
export function orderQuantity(stock: Projection, terms: SupplierTerms, economicQuantity: number | null): number {
  const missing = 2 * stock.reorderPoint - projectedOf(stock);
  const wanted = Math.max(1, missing, economicQuantity ?? 0, terms.minimumQuantity ?? 0);
  const pack = terms.packQuantity ?? 1;
  const most = Math.floor(MAX_LEVEL / pack);
  return Math.min(Math.ceil(wanted / pack), most) * pack;
}

/** What was taken, day by day. */
export interface DemandHistory {
  /** since the first movement, 90 at most */
  days: number;
  /** the sum of what was taken, and the sum of the squares of each day's takings */
  taken: number;
  takenSquared: number;
}

/** Demand and what follows from it. Quantities are rounded up. */
export interface DemandFigures {
  history_days: number;
  daily_mean: number;
  daily_deviation: number;
  lead_time_days: number;
  z: number;
  safety_stock: number;
  reorder_point: number;
  /** null: the item's value is not known */
  economic_quantity: number | null;
}

/** @returns undefined: there is too little history, or the supplier's lead time is not known */
export function demandFigures(
  { days, taken, takenSquared }: DemandHistory,
  leadTimeDays: number | null,
  valueCents: number | null,
): DemandFigures | undefined {
  if (days < MIN_HISTORY_DAYS || leadTimeDays === null) return undefined;
  const mean = taken / days;
  const deviation = Math.sqrt(Math.max(0, takenSquared / days - mean * mean));
  const safety = Z * deviation * Math.sqrt(leadTimeDays);
  const holding = valueCents === null ? 0 : valueCents * HOLDING_SHARE;
  const economic = holding > 0 ? Math.sqrt((2 * mean * DAYS_A_YEAR * ORDER_COST_CENTS) / holding) : null;
  return {
    history_days: days,
    daily_mean: rounded(mean),
    daily_deviation: rounded(deviation),
    lead_time_days: leadTimeDays,
    z: Z,
    safety_stock: Math.ceil(safety),
    reorder_point: Math.ceil(mean * leadTimeDays + safety),
    economic_quantity: economic === null ? null : Math.ceil(economic),
  };
}

/** How long what is available lasts. */
export interface Cover {
  history_days: number | null;
  daily_mean: number | null;
  /** null: not known, or nothing is taken */
  days_of_cover: number | null;
  insufficient_history: boolean;
}

/** @param history null: the position has no movements */
export function coverOf(available: number, history: Pick<DemandHistory, "days" | "taken"> | null): Cover {
  if (history === null || history.days < MIN_HISTORY_DAYS) {
    const historyDays = history?.days ?? null;
    return { history_days: historyDays, daily_mean: null, days_of_cover: null, insufficient_history: true };
  }
  const mean = history.taken / history.days;
  return {
    history_days: history.days,
    daily_mean: rounded(mean),
    days_of_cover: mean > 0 ? Math.round((Math.max(0, available) / mean) * 10) / 10 : null,
    insufficient_history: false,
  };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;
