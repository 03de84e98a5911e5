import { appData } from "../../state/live.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";

/**
 * Changes when what is on order or on its way to a position may have changed, which is not in the row of the stock: with its level,
 * with orders, and with shipments to it.
 */
export function useStockVersion(item: InventoryItem): string {
  const { changes, shipments } = useStore(appData);
  const underWay = [...shipments.values()]
    .filter(({ item_id: itemId, destination_id: to }) => itemId === item.item_id && to === item.location_id)
    .map(({ id, updated_at: at }) => `${id} ${at}`);
  return `${item.quantity} ${item.reserved} ${item.reorder_point} ${changes.get("orders")} ${changes.get(`beside stock:${item.id}`)} ${underWay.join()}`;
}
