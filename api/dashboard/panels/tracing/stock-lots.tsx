import { formatQuantity } from "../../labels/quantities.ts";
import { currentTime } from "../../state/clock.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { useGet } from "../controls/use-load.ts";
import { expiryOf } from "./expiry.ts";
import { LotLink } from "./lot-link.tsx";
import { useReads } from "./use-reads.ts";

/** What a stock position holds by lot: what expires first comes first, and last what has no lot that is known. */
export function StockLots({ item }: { item: InventoryItem }) {
  const now = useStore(currentTime);
  const [reads] = useReads();
  const loaded = useGet(`/inventory-items/${item.id}/lots`, `${item.quantity} ${reads}`);
  if (loaded?.problem) return <p class="problem">Its lots could not be loaded: {loaded.problem}</p>;
  const lots = loaded?.value ?? [];
  if (lots.every(({ lot }) => lot === null)) return null;
  return (
    <section aria-label="Lots">
      <h3>Lots</h3>
      <ul class="lines">
        {lots.map((each) => {
          const expiry = expiryOf(each, now);
          return (
            <li key={each.lot_id ?? 0}>
              <span class="grow">
                {each.lot_id !== null && each.lot !== null ? (
                  <LotLink id={each.lot_id} number={each.lot} />
                ) : (
                  <span class="muted">no lot known</span>
                )}{" "}
                {each.lot !== null && <span class={expiry.isBad ? "problem" : "muted"}>{expiry.text}</span>}{" "}
                {each.on_hold && <span class="problem">▲ on hold</span>}
              </span>
              <span class="number">{formatQuantity(each.quantity, item.unit)}</span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
