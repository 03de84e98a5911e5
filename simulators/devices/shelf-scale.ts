import { createRandom } from "../world/random.ts";
import type { Shelf } from "../world/shelf.ts";
import type { FaultStats } from "./fault-stats.ts";
import { type Device, rounded, type WireReading } from "./device.ts";
import type { Faults } from "./faults.ts";

const DAY_MS = 86_400_000;
/** Largest force of a hand on the shelf, grams. */
const MAX_HAND_GRAMS = 4_000;

/** A load cell below a shelf: gross grams with noise and zero drift; unstable while a hand is on the shelf. */
export function createShelfScale(
  shelf: Shelf,
  {
    id,
    seed,
    faults,
    intervalMs,
    startMs,
    faultStats,
  }: { id: string; seed: number; faults: Faults; intervalMs: number; startMs: number; faultStats: FaultStats },
): Device {
  const random = createRandom(seed, `scale/${id}`);
  const unit = shelf.product.unitWeightGrams;
  const driftPerDay = faults.driftUnitsPerDay * unit * (random.chance(0.5) ? 1 : -1);
  return {
    id,
    kind: "scale",
    mount: { site: shelf.site.name, sku: shelf.product.sku, tareGrams: shelf.tareGrams },
    intervalMs,
    measure(ts): WireReading {
      const drift = (driftPerDay * (ts - startMs)) / DAY_MS;
      const hand = ts < shelf.disturbedUntil ? random.between(-0.5, 1) * MAX_HAND_GRAMS : 0;
      const noise = random.gaussian(faults.scaleNoiseUnits * unit);
      if (hand === 0) {
        faultStats.weights += 1;
        faultStats.squaredNoiseUnits2 += (noise / unit) ** 2;
      }
      faultStats.driftUnits = Math.max(faultStats.driftUnits, Math.abs(drift) / unit);
      const grams = shelf.tareGrams + shelf.quantity * unit + drift + noise + hand;
      return { ts, grams: rounded(grams, 1), stable: hand === 0 };
    },
  };
}
