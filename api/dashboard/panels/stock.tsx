import { second } from "../state/clock.ts";
import { loaded, world } from "../state/live.ts";
import type { InventoryItem } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { amount } from "../labels/status-labels.ts";
import { age } from "../labels/times.ts";
import { useFlash } from "./flash.ts";

const MOST_DRAWN = 120;

function isLow({ quantity, reorder_point: reorderPoint }: InventoryItem): boolean {
  return reorderPoint > 0 && quantity <= reorderPoint;
}

/** Shelves at or below their reorder point first, the emptiest of them at the top. */
function neediestFirst(a: InventoryItem, b: InventoryItem): number {
  const cover = (item: InventoryItem) => item.quantity / Math.max(1, item.reorder_point);
  return Number(isLow(b)) - Number(isLow(a)) || (isLow(a) ? cover(a) - cover(b) : a.id - b.id);
}

export function Stock() {
  const { stock, cut } = useStore(world);
  const ready = useStore(loaded);
  const sorted = [...stock.values()].sort(neediestFirst);
  const low = sorted.filter(isLow).length;
  return (
    <section class="stock" aria-label="Stock">
      <header>
        <h2>Stock</h2>
        <span class={low > 0 ? "late" : "quiet"}>
          {low === 0 ? "nothing at its reorder point" : `${low} at or below the reorder point`}
        </span>
        {sorted.length > MOST_DRAWN && (
          <span class="quiet">
            {MOST_DRAWN} of {sorted.length} shown
          </span>
        )}
        {cut.includes("stock") && <span class="quiet">more than this page reads</span>}
      </header>
      {ready && sorted.length === 0 && (
        <p class="empty">
          No stock yet. Add a product at a location with <code>POST /inventory-items</code>, or mount a scale on a
          shelf.
        </p>
      )}
      <ul>
        {sorted.slice(0, MOST_DRAWN).map((item) => (
          <StockBar key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function StockBar({ item }: { item: InventoryItem }) {
  const now = useStore(second);
  const { locations, changes } = useStore(world);
  const flash = useFlash(changes.get(`stock:${item.id}`));
  const place = locations.get(item.location_id)?.name ?? `location ${item.location_id}`;
  // The reorder line stands at 40 % of the bar, so that lines of neighbours align and fullness compares at a glance.
  const full = Math.max(item.reorder_point * 2.5, item.reorder_point === 0 ? item.quantity : 0, 1);
  const share = Math.max(0, Math.min(1, item.quantity / full));
  return (
    <li class={`${flash} ${isLow(item) ? "low" : ""}`}>
      <p class="row-main">
        <span class="row-title">{item.name}</span>
        <strong class="number">{amount(item.quantity, item.unit)}</strong>
      </p>
      <div class="level">
        <div
          class="bar"
          role="meter"
          aria-label={`${item.name} at ${place}, reorder at ${item.reorder_point}`}
          aria-valuemin={0}
          aria-valuemax={Math.max(full, item.quantity)}
          aria-valuenow={item.quantity}
        >
          <span style={{ width: `${share * 100}%` }} />
          {item.reorder_point > 0 && <i style={{ left: "40%" }} />}
        </div>
        {item.reorder_point > 0 && (
          <span class="reorder">
            {isLow(item) ? "▼ " : ""}reorder at {item.reorder_point.toLocaleString("en-GB")}
          </span>
        )}
      </div>
      <p class="row-more">
        <span class="grow">{place}</span>
        <span class="age" title={`Measured by ${item.source}`}>
          {item.source} {age(item.measured_at, now)}
        </span>
      </p>
    </li>
  );
}
