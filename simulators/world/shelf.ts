import type { Product } from "./products.ts";
import type { Random } from "./random.ts";
import type { Site } from "./sites.ts";

/** A shelf with one product on a load cell. */
export interface Shelf {
  /** counts up from 1 */
  number: number;
  site: Site;
  product: Product;
  tareGrams: number;
  capacity: number;
  reorderPoint: number;
  /** pieces really on it */
  quantity: number;
  /** its supplier delivers late: it is empty for a while before it is filled */
  runsOut: boolean;
  /** a hand disturbs the scale until then, epoch milliseconds */
  disturbedUntil: number;
  nextPickAt: number;
  /** what a play has in store for it; absent: it is picked and filled as usual */
  play?: ShelfPlay;
}

/** What happens to a shelf that is part of a play (run/stock-play.ts). Pieces are put or taken at the next step. */
export interface ShelfPlay {
  /** customers take all that is there within a minute, and nobody fills it */
  sellsOut: boolean;
  delivered: number;
  /** taken by somebody who tells nobody */
  stolen: number;
}

/** What has changed on a shelf. */
export interface ShelfChange {
  /** pieces put (positive) or taken */
  pieces: number;
  /** the person who did it scans it, where the site has a scanner */
  isScanned: boolean;
}

/** Mean time between two picks, milliseconds. */
const PICK_INTERVAL_MS = 90_000;
/** Chance, at each visit to an empty shelf, that the late supplier has delivered. */
const DELIVERED_AT_LAST = 1 / 15;
const PICK_DURATION_MS: readonly [number, number] = [1_500, 4_000];
/** Between two customers of a shelf that sells out, milliseconds; and how many pieces each takes. */
const RUSH_MS: readonly [number, number] = [5_000, 8_000];
const RUSH_PIECES: readonly [number, number] = [4, 9];

/** Picks or restocks when the next pick is due. @returns what has changed; undefined: nothing */
export function pickOrRestock(shelf: Shelf, now: number, random: Random): ShelfChange | undefined {
  if (shelf.play) return playOn(shelf, shelf.play, now, random);
  if (now < shelf.nextPickAt) return undefined;
  shelf.disturbedUntil = now + random.between(...PICK_DURATION_MS);
  shelf.nextPickAt = now + PICK_INTERVAL_MS * random.between(0.4, 1.6);
  const before = shelf.quantity;
  const restockAt = shelf.reorderPoint * random.between(0.4, 1);
  const restock = shelf.runsOut
    ? shelf.quantity === 0 && random.chance(DELIVERED_AT_LAST)
    : shelf.quantity <= restockAt;
  shelf.quantity = restock ? shelf.capacity : Math.max(0, shelf.quantity - random.integer(1, 3));
  return shelf.quantity === before ? undefined : { pieces: shelf.quantity - before, isScanned: true };
}

function playOn(shelf: Shelf, play: ShelfPlay, now: number, random: Random): ShelfChange | undefined {
  const change = (pieces: number, isScanned: boolean): ShelfChange => {
    shelf.disturbedUntil = now + random.between(...PICK_DURATION_MS);
    shelf.quantity += pieces;
    return { pieces, isScanned };
  };
  const { delivered, stolen } = play;
  play.delivered = play.stolen = 0;
  if (delivered > 0) return change(delivered, false);
  if (stolen > 0) return change(-Math.min(stolen, shelf.quantity), false);
  if (!play.sellsOut || shelf.quantity === 0 || now < shelf.nextPickAt) return undefined;
  shelf.nextPickAt = now + random.between(...RUSH_MS);
  return change(-Math.min(shelf.quantity, random.integer(...RUSH_PIECES)), true);
}
