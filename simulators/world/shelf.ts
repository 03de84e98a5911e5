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
}

/** Mean time between two picks, milliseconds. */
const PICK_INTERVAL_MS = 90_000;
/** Chance, at each visit to an empty shelf, that the late supplier has delivered. */
const DELIVERED_AT_LAST = 1 / 15;
const PICK_DURATION_MS: readonly [number, number] = [1_500, 4_000];

/** Picks or restocks when the next pick is due. @returns whether the quantity changed */
export function pickOrRestock(shelf: Shelf, now: number, random: Random): boolean {
  if (now < shelf.nextPickAt) return false;
  shelf.disturbedUntil = now + random.between(...PICK_DURATION_MS);
  shelf.nextPickAt = now + PICK_INTERVAL_MS * random.between(0.4, 1.6);
  const before = shelf.quantity;
  const restockAt = shelf.reorderPoint * random.between(0.4, 1);
  const restock = shelf.runsOut
    ? shelf.quantity === 0 && random.chance(DELIVERED_AT_LAST)
    : shelf.quantity <= restockAt;
  shelf.quantity = restock ? shelf.capacity : Math.max(0, shelf.quantity - random.integer(1, 3));
  return shelf.quantity !== before;
}
