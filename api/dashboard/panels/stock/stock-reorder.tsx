import { formatQuantity } from "../../labels/quantities.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Row } from "../../state/operations.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { Facts } from "../controls/facts.tsx";
import { useGet } from "../controls/use-load.ts";
import { isLow } from "./is-low.ts";
import { useStockVersion } from "./use-stock-version.ts";

type Suggestion = Row<"/reorder-suggestions">;

/** Of a product that is short: how much to order, and what that follows from. */
export function StockReorder({ item }: { item: InventoryItem }) {
  const loaded = useGet(
    isLow(item) ? `/reorder-suggestions?inventory_item_id=${item.id}` : undefined,
    useStockVersion(item),
  );
  if (!isLow(item) || loaded === undefined) return null;
  const suggestion = loaded.value?.[0];
  return (
    <section aria-label="Reorder">
      <h3>Reorder</h3>
      {loaded.problem !== null && <p class="problem">What to order could not be loaded: {loaded.problem}</p>}
      {loaded.value && !suggestion && <p class="muted">Enough is on order or on its way: nothing more to order.</p>}
      {suggestion && <SuggestedOrder of={suggestion} />}
    </section>
  );
}

function SuggestedOrder({ of }: { of: Suggestion }) {
  const { unit, demand, order_id: orderId } = of;
  const amount = (quantity: number | null | undefined) =>
    quantity === null || quantity === undefined ? null : formatQuantity(quantity, unit);
  return (
    <>
      <Facts
        of={[
          ["Order", amount(of.suggested_quantity)],
          ["Safety stock", amount(demand?.safety_stock)],
          ["Reorder point by demand", amount(demand?.reorder_point)],
          ["Economic quantity", amount(demand?.economic_quantity)],
        ]}
      />
      <p class="muted">
        {demand
          ? `From ${demand.history_days} days of movements: ${demand.daily_mean.toFixed(1)} a day, delivered within ${demand.lead_time_days} days.`
          : "Demand is not known: it takes 14 days of movements and a supplier with a lead time."}
      </p>
      {orderId !== null && (
        <button
          type="button"
          data-opens={detailKey({ kind: "order", id: orderId })}
          onClick={() => openDetail({ kind: "order", id: orderId })}
        >
          Open the draft order
        </button>
      )}
    </>
  );
}
