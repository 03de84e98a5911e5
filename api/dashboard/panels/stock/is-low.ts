import type { InventoryItem } from "../../state/resources.ts";

/** What is held for orders is not there for others. What was never measured is neither low nor empty, and what cannot be sold is no stock. */
export function isLow({ available, condition, reorder_point: point, measured_at: measuredAt }: InventoryItem): boolean {
  return measuredAt !== null && condition === "good" && point > 0 && available <= point;
}
