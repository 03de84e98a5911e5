import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { formatQuantity } from "../../labels/quantities.ts";
import { useAll } from "../controls/use-load.ts";
import { conditionText } from "../stock/condition-text.ts";
import { coverText } from "../stock/cover-text.ts";

interface StockListProps {
  positions: readonly InventoryItem[];
  by: "place" | "product";
  /** of the product or the place */
  id: number;
}

/** Stock positions of one product, told by their place, or of one place, told by their product; each opens. */
export function StockList({ positions, by, id }: StockListProps) {
  const { locations } = useStore(appData);
  const levels = positions.map(({ id: position, available }) => `${position} ${available}`);
  const outlooks = useAll(
    by === "place" ? `/stock-outlooks?limit=200&item_id=${id}` : `/stock-outlooks?limit=200&location_id=${id}`,
    levels.join(),
  );
  const covers = new Map(outlooks?.value?.map((outlook) => [outlook.id, outlook]));
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
            {conditionText(position.condition) !== null && <strong>{conditionText(position.condition)}</strong>}
            {typeof covers.get(position.id)?.days_of_cover === "number" && (
              <span class="muted">lasts {coverText(covers.get(position.id)!)}</span>
            )}
            <span class="number">
              {position.measured_at === null ? "not measured yet" : formatQuantity(position.quantity, position.unit)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
