import { currentTime } from "../../state/clock.ts";
import { loaded, appData } from "../../state/live.ts";
import type { InventoryItem } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { formatCount, formatPercent, formatQuantity } from "../../labels/quantities.ts";
import { plainLabel, SENSOR_PROBLEM_LABELS } from "../../labels/status-labels.ts";
import { formatAge } from "../../labels/times.ts";
import { conditionText } from "./condition-text.ts";
import { isLow } from "./is-low.ts";
import { NewStock } from "./new-stock.tsx";
import { StockNotes } from "./stock-notes.tsx";
import { type Outlook, useOutlooks } from "./use-outlooks.ts";
import { useOwnerNames } from "./use-owner-names.ts";
import { ExportLink } from "../controls/export-link.tsx";
import { useFlash } from "../controls/use-flash.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";

const MAX_ROWS = 120;

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
  const shown = sorted.slice(0, MAX_ROWS);
  const outlooks = useOutlooks(shown.map(({ id }) => id));
  const owners = useOwnerNames(shown);
  const rowKeys = useRowKeys(shown.map(({ id }) => detailKey({ kind: "stock", id })));
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
      <NewStock />
      <p class="list-tools">
        <ExportLink href="/exports/inventory-items.csv" label="Export levels" />
        <ExportLink href="/exports/movements.csv" label="Export movements" />
      </p>
      {outlooks.problem !== null && <p class="problem">What is expected could not be loaded: {outlooks.problem}</p>}
      {ready && sorted.length === 0 && (
        <p class="empty">
          No stock yet. Add a product at a location with <code>POST /inventory-items</code>, or mount a scale on a
          shelf.
        </p>
      )}
      <ul onKeyDown={rowKeys.onKeyDown}>
        {shown.map((item) => (
          <StockBar
            key={item.id}
            item={item}
            owner={item.owner_id === null ? undefined : owners.get(item.owner_id)}
            outlook={outlooks.of.get(item.id)}
            opener={rowKeys.opener}
          />
        ))}
      </ul>
    </section>
  );
}

interface StockBarProps {
  item: InventoryItem;
  owner: string | undefined;
  outlook: Outlook | undefined;
  opener: ReturnType<typeof useRowKeys>["opener"];
}

function StockBar({ item, owner, outlook, opener }: StockBarProps) {
  const now = useStore(currentTime);
  const { locations, changes } = useStore(appData);
  const flash = useFlash(changes.get(`stock:${item.id}`));
  const place = locations.get(item.location_id)?.name ?? `location ${item.location_id}`;
  // The reorder line is at 40 % of every bar, so that the lines align and bars can be compared.
  const full = Math.max(item.reorder_point * 2.5, item.reorder_point === 0 ? item.quantity : 0, 1);
  const share = Math.max(0, Math.min(1, item.quantity / full));
  const detail = { kind: "stock", id: item.id } as const;
  const condition = conditionText(item.condition);
  const isMeasured = item.measured_at !== null;
  return (
    <li class={`${flash} ${isLow(item) ? "low" : ""}`}>
      <p class="row-main">
        <button
          type="button"
          class="row-title opener"
          title="Show its history"
          aria-label={`${item.name} at ${place}${condition === null ? "" : `, ${condition}`}`}
          {...opener(detailKey(detail))}
          onClick={() => openDetail(detail)}
        >
          {item.name}
        </button>
        <strong class="number">{isMeasured ? formatQuantity(item.quantity, item.unit) : "not measured yet"}</strong>
      </p>
      <div class="level">
        <div
          class="bar"
          role="meter"
          aria-label={`${item.name} at ${place}, reorder at ${item.reorder_point}`}
          aria-valuemin={0}
          aria-valuemax={Math.max(full, item.quantity)}
          aria-valuenow={item.quantity}
          aria-valuetext={isMeasured ? undefined : "not measured yet"}
        >
          <span style={{ width: `${share * 100}%` }} />
          {item.reorder_point > 0 && <i style={{ left: "40%" }} />}
        </div>
        {item.reorder_point > 0 && (
          <span class="reorder">
            {isLow(item) ? "▼ " : ""}reorder at {formatCount(item.reorder_point)}
          </span>
        )}
      </div>
      <p class="row-details">
        <span class="grow">{place}</span>
        <span class="age" title={sourceText(item)}>
          {item.source} {item.confidence !== null && formatPercent(100 * item.confidence)}{" "}
          {isMeasured && formatAge(item.measured_at, now)}
        </span>
      </p>
      <StockNotes item={item} owner={owner} outlook={outlook} />
      {item.suspect !== null && (
        <p class="row-details suspect" title={`${item.suspect.device_id ?? ""} ${item.suspect.detail}`}>
          ▲ {item.stale ? "stale: " : ""}
          {SENSOR_PROBLEM_LABELS[item.suspect.problem] ?? plainLabel(item.suspect.problem)}
        </p>
      )}
    </li>
  );
}

/** "Measured by scale, confidence 96 %" */
const sourceText = ({ source, confidence }: InventoryItem): string =>
  `Measured by ${source}${confidence === null ? "" : `, confidence ${formatPercent(100 * confidence)}`}`;
