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

/**
 * Takes so much of a position out of what may be picked (`pickableLots`), lot by lot.
 * @param left is changed: what was taken is gone from it
 * @returns the lots that are known
 */
export function takeLots(
  left: { stockId: number; lot: string | null; expiresOn: string | null; available: number }[],
  stockId: number,
  wanted: number,
): { lot: string; expiresOn: string | null; quantity: number }[] {
  let rest = wanted;
  return left.flatMap((each) => {
    const quantity = each.stockId === stockId ? Math.min(each.available, rest) : 0;
    each.available -= quantity;
    rest -= quantity;
    const { lot, expiresOn } = each;
    return quantity === 0 || lot === null ? [] : [{ lot, expiresOn, quantity }];
  });
}

/** A stock position that goods may be picked from. */
export interface PickablePosition {
  id: number;
  /** base units that are held there, of whatever lot */
  reserved: number;
  /** since when the oldest goods lie there, epoch milliseconds; null: not known */
  since: number | null;
}

/**
 * The positions of which something may still be held, in the order in which they are to be emptied: the one with the lot that
 * expires first, then the one whose goods lie there longest.
 */
export function pickablePositions<P extends PickablePosition>(
  positions: readonly P[],
  lots: readonly PickableLot[],
  today: string,
): (P & { available: number })[] {
  const usable = new Map<number, PickableLot[]>();
  for (const each of lots) {
    if (mayBePicked(each, today)) usable.set(each.stockId, [...(usable.get(each.stockId) ?? []), each]);
  }
  const expiryOf = ({ id }: P) =>
    (usable.get(id) ?? []).reduce(
      (first, { expiresOn }) => (expiresOn !== null && expiresOn < first ? expiresOn : first),
      LAST,
    );
  return positions
    .map((position) => {
      const there = (usable.get(position.id) ?? []).reduce((sum, { available }) => sum + available, 0);
      return { ...position, available: there - position.reserved };
    })
    .filter(({ available }) => available > 0)
    .toSorted(
      (a, b) =>
        compareText(expiryOf(a), expiryOf(b)) ||
        (a.since ?? Number.MAX_SAFE_INTEGER) - (b.since ?? Number.MAX_SAFE_INTEGER) ||
        a.id - b.id,
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
