import { currentTime } from "../state/clock.ts";
import { loaded, appData } from "../state/live.ts";
import type { InventoryItem } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { formatQuantity, SENSOR_PROBLEM_LABELS } from "../labels/status-labels.ts";
import { formatAge } from "../labels/times.ts";
import { useFlash } from "./use-flash.ts";

const MAX_ROWS = 120;

function isLow({ quantity, reorder_point: reorderPoint }: InventoryItem): boolean {
  return reorderPoint > 0 && quantity <= reorderPoint;
}

/** Items at or below their reorder point come first, the emptiest of them at the top. */
function byUrgency(a: InventoryItem, b: InventoryItem): number {
  const cover = (item: InventoryItem) => item.quantity / Math.max(1, item.reorder_point);
  return Number(isLow(b)) - Number(isLow(a)) || (isLow(a) ? cover(a) - cover(b) : a.id - b.id);
}

export function Stock() {
  const { stock, truncated } = useStore(appData);
  const ready = useStore(loaded);
  const sorted = [...stock.values()].sort(byUrgency);
  const low = sorted.filter(isLow).length;
  return (
    <section class="stock" aria-label="Stock">
      <header>
        <h2>Stock</h2>
        <span class={low > 0 ? "late" : "muted"}>
          {low === 0 ? "nothing to reorder" : `${low} at or below the reorder point`}
        </span>
        {sorted.length > MAX_ROWS && (
          <span class="muted">
            showing {MAX_ROWS} of {sorted.length}
          </span>
        )}
        {truncated.includes("stock") && <span class="muted">more than this page loads</span>}
      </header>
      {ready && sorted.length === 0 && (
        <p class="empty">
          No stock yet. Add a product at a location with <code>POST /inventory-items</code>, or mount a scale on a
          shelf.
        </p>
      )}
      <ul>
        {sorted.slice(0, MAX_ROWS).map((item) => (
          <StockBar key={item.id} item={item} />
        ))}
      </ul>
    </section>
  );
}

function StockBar({ item }: { item: InventoryItem }) {
  const now = useStore(currentTime);
  const { locations, changes } = useStore(appData);
  const flash = useFlash(changes.get(`stock:${item.id}`));
  const place = locations.get(item.location_id)?.name ?? `location ${item.location_id}`;
  // The reorder line is at 40 % of every bar, so that the lines align and bars can be compared.
  const full = Math.max(item.reorder_point * 2.5, item.reorder_point === 0 ? item.quantity : 0, 1);
  const share = Math.max(0, Math.min(1, item.quantity / full));
  return (
    <li class={`${flash} ${isLow(item) ? "low" : ""}`}>
      <p class="row-main">
        <span class="row-title">{item.name}</span>
        <strong class="number">{formatQuantity(item.quantity, item.unit)}</strong>
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
      <p class="row-details">
        <span class="grow">{place}</span>
        <span class="age" title={`Measured by ${item.source}`}>
          {item.source} {formatAge(item.measured_at, now)}
        </span>
      </p>
      {item.suspect !== null && (
        <p class="row-details suspect" title={`${item.suspect.device_id ?? ""} ${item.suspect.detail}`}>
          ▲ {item.stale ? "stale: " : ""}
          {SENSOR_PROBLEM_LABELS[item.suspect.problem] ?? item.suspect.problem.replaceAll("_", " ")}
        </p>
      )}
    </li>
  );
}
