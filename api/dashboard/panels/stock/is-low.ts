import type { InventoryItem } from "../../state/resources.ts";

/** What was never measured is neither low nor empty. */
export function isLow({ quantity, reorder_point: reorderPoint, measured_at: measuredAt }: InventoryItem): boolean {
  return measuredAt !== null && reorderPoint > 0 && quantity <= reorderPoint;
}
