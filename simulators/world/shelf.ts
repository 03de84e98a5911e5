import type { Product } from "./products.ts";
import type { Random } from "./random.ts";
import type { Site } from "./sites.ts";

/** A shelf of one product on a load cell, and the hands that reach into it. */
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
  /** a hand leans on it until then: what the scale shows meanwhile means nothing */
  handUntil: number;
  nextHandAt: number;
}

/** Mean time between two picks, milliseconds. */
const PICK_EVERY_MS = 90_000;
const HAND_MS: readonly [number, number] = [1_500, 4_000];

/** Lets hands pick and restock until `now`; true when the quantity changed. */
export function reach(shelf: Shelf, now: number, random: Random): boolean {
  if (now < shelf.nextHandAt) return false;
  shelf.handUntil = now + random.between(...HAND_MS);
  shelf.nextHandAt = now + PICK_EVERY_MS * random.between(0.4, 1.6);
  const before = shelf.quantity;
  const restock = shelf.quantity <= shelf.reorderPoint * random.between(0.4, 1);
  shelf.quantity = restock ? shelf.capacity : Math.max(0, shelf.quantity - random.integer(1, 3));
  return shelf.quantity !== before;
}
