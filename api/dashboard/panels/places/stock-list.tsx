import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { formatQuantity } from "../../labels/quantities.ts";

/** Stock positions of one product, told by their place, or of one place, told by their product; each opens. */
export function StockList({ positions, by }: { positions: readonly InventoryItem[]; by: "place" | "product" }) {
  const { locations } = useStore(appData);
  return (
    <section aria-label="Stock here">
      <h3>Stock</h3>
      {positions.length === 0 && <p class="muted">None is kept.</p>}
      <ul class="lines">
        {positions.map((position) => (
          <li key={position.id}>
            <button
              type="button"
              class="link grow"
              data-opens={detailKey({ kind: "stock", id: position.id })}
              onClick={() => openDetail({ kind: "stock", id: position.id })}
            >
              {by === "product"
                ? position.name
                : (locations.get(position.location_id)?.name ?? `location ${position.location_id}`)}
            </button>
            <span class="number">
              {position.measured_at === null ? "not measured yet" : formatQuantity(position.quantity, position.unit)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
