import { formatAmount, formatQuantity } from "../../labels/quantities.ts";
import type { Row } from "../../state/operations.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { Facts } from "../controls/facts.tsx";
import { useGet } from "../controls/use-load.ts";
import { coverText } from "./cover-text.ts";
import { StockArrivals } from "./stock-arrivals.tsx";
import { StockOrders } from "./stock-orders.tsx";
import { useStockVersion } from "./use-stock-version.ts";

/** How long what is here lasts, and what is on its way, whether the product is short or not. */
export function StockOutlook({ item }: { item: InventoryItem }) {
  const loaded = useGet(`/stock-outlooks?inventory_item_id=${item.id}`, useStockVersion(item));
  if (loaded === undefined) return null;
  const outlook = loaded.value?.[0];
  return (
    <section aria-label="Outlook">
      <h3>Outlook</h3>
      {loaded.problem !== null && <p class="problem">What is expected could not be loaded: {loaded.problem}</p>}
      {outlook && <Expected of={outlook} />}
    </section>
  );
}

function Expected({ of }: { of: Row<"/stock-outlooks"> }) {
  const amount = (quantity: number) => formatQuantity(quantity, of.unit);
  const nothing = of.on_order === 0 && of.arrivals.length === 0;
  return (
    <>
      <Facts
        of={[
          ["Days of cover", coverText(of)],
          ["Available", amount(of.available)],
          ["On order", of.on_order === 0 ? null : amount(of.on_order)],
          ["On its way", of.in_transit === 0 ? null : amount(of.in_transit)],
          ["Too late to count", of.in_transit_late === 0 ? null : amount(of.in_transit_late)],
        ]}
      />
      <p class="muted">{basisOf(of)}</p>
      {nothing && <p class="muted">Nothing is on order or on its way.</p>}
      <StockOrders orders={of.orders} unit={of.unit} />
      <StockArrivals arrivals={of.arrivals} unit={of.unit} />
    </>
  );
}

/** "At 3.2 a day, the mean of 30 days of movements." */
function basisOf({
  insufficient_history: isUnknown,
  history_days: days,
  daily_mean: mean,
}: Row<"/stock-outlooks">): string {
  if (isUnknown)
    return `Demand is not known: it takes 14 days of movements, there ${days === 1 ? "is" : "are"} ${days ?? 0}.`;
  return `At ${formatAmount(mean ?? 0)} a day, the mean of ${days} days of movements.`;
}
