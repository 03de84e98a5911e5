/*
 * Which lots to pick. A lot that has expired or is on hold is never proposed, however short that leaves the picker. FEFO
 * takes what expires first, FIFO what came first; what has no date, or no lot that is known, comes after what has one.
 */

/** What can be picked at one stock position of one lot. */
export interface PickableLot {
  stockId: number;
  locationId: number;
  /** null: what has no lot that is known */
  lot: string | null;
  /** ISO date, the last day on which it may be used; null: it does not expire, or nobody knows when */
  expiresOn: string | null;
  /** when the first of it came, epoch milliseconds; null: not known */
  since: number | null;
  isOnHold: boolean;
  /** base units that are there and not reserved for somebody else */
  available: number;
}

export interface ProposedPick {
  stockId: number;
  locationId: number;
  lot: string | null;
  /** base units, more than 0 */
  quantity: number;
}

export interface Proposal {
  /** in the order in which they are to be picked */
  picks: ProposedPick[];
  /** how many are missing, base units */
  short: number;
}

export type PickOrder = "fefo" | "fifo";

/**
 * @param today ISO date
 * @param order FEFO: first expired, first out; FIFO: first in, first out
 */
export function proposeLots(
  lots: readonly PickableLot[],
  wanted: number,
  today: string,
  order: PickOrder = "fefo",
): Proposal {
  const picks: ProposedPick[] = [];
  let short = wanted;
  for (const { stockId, locationId, lot, available } of pickableLots(lots, today, order)) {
    const quantity = Math.min(available, short);
    if (quantity <= 0) break;
    picks.push({ stockId, locationId, lot, quantity });
    short -= quantity;
  }
  return { picks, short };
}

/** What may be picked today, in the order in which it is to be picked. */
export function pickableLots(
  lots: readonly PickableLot[],
  today: string,
  order: PickOrder = "fefo",
): readonly PickableLot[] {
  const byExpiry = (a: PickableLot, b: PickableLot): number => compareText(a.expiresOn ?? LAST, b.expiresOn ?? LAST);
  const byAge = (a: PickableLot, b: PickableLot): number =>
    (a.since ?? Number.MAX_SAFE_INTEGER) - (b.since ?? Number.MAX_SAFE_INTEGER);
  return lots
    .filter((each) => mayBePicked(each, today))
    .toSorted(
      (a, b) =>
        Number(a.lot === null) - Number(b.lot === null) ||
        (order === "fefo" ? byExpiry(a, b) || byAge(a, b) : byAge(a, b) || byExpiry(a, b)) ||
        a.stockId - b.stockId ||
        compareText(a.lot ?? "", b.lot ?? ""),
    );
}

/** Whether somebody may pick it on this day. */
export const mayBePicked = ({ expiresOn, isOnHold, available }: PickableLot, today: string): boolean =>
  available > 0 && !isOnHold && !isExpired(expiresOn, today);

/** A lot may be used to the end of the day on which it expires. */
export const isExpired = (expiresOn: string | null, today: string): boolean => expiresOn !== null && expiresOn < today;

/** After every ISO date. */
const LAST = "~";

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
