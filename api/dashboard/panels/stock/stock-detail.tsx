import { useState } from "preact/hooks";
import { getAll } from "../../state/client.ts";
import { currentTime, serverNow, timeZone } from "../../state/clock.ts";
import { appData, loaded } from "../../state/live.ts";
import type { InventoryItem, StockEvent } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { formatCount, formatPercent, formatQuantity } from "../../labels/quantities.ts";
import { SENSOR_PROBLEM_LABELS, STOCK_EVENT_LABELS, plainLabel } from "../../labels/status-labels.ts";
import { formatAge, formatDateTime } from "../../labels/times.ts";
import { DetailFrame, NotFound } from "../controls/detail-frame.tsx";
import { useFound } from "../controls/use-found.ts";
import { Facts } from "../controls/facts.tsx";
import { useGet, useLoad } from "../controls/use-load.ts";
import { PlaceLink } from "../places/place-link.tsx";
import { StockLots } from "../tracing/stock-lots.tsx";
import { conditionText } from "./condition-text.ts";
import { LevelChart } from "./level-chart.tsx";
import { StockActions } from "./stock-actions.tsx";
import { StockOutlook } from "./stock-outlook.tsx";
import { StockReorder } from "./stock-reorder.tsx";
import { StockMovements } from "./stock-movements.tsx";
import { levelHistory } from "./level-history.ts";

const DAY_MS = 86_400_000;
const SPANS = [1, 7, 30];
/** A shelf that counts more often is shown for a shorter span. */
const MAX_EVENTS = 2000;
const MAX_ROWS = 100;
const REFRESH_MS = 15_000;

/** One product at one place: its level now, over time, and what changed it. */
export function StockDetail({ id }: { id: number }) {
  const { stock } = useStore(appData);
  const now = useStore(currentTime);
  const found = useFound(stock.get(id), `/inventory-items/${id}`);
  if (!useStore(loaded) || found === undefined) return null;
  if (found.problem !== null) return <NotFound label={`Stock ${id}`} problem={found.problem} />;
  const item = found.value;
  const isMeasured = item.measured_at !== null;
  return (
    <DetailFrame label={`Stock ${id}`}>
      <h2>{item.name}</h2>
      <p class="code">{item.sku}</p>
      <Facts
        of={[
          ["At", <PlaceLink key="place" id={item.location_id} />],
          ["Level", isMeasured ? formatQuantity(item.quantity, item.unit) : "not measured yet"],
          ["Reserved", item.reserved === 0 ? null : formatQuantity(item.reserved, item.unit)],
          ["Reorder at", <ReorderPoint key="point" item={item} />],
          ["Condition", conditionText(item.condition)],
          ["Owner", item.owner_id === null ? null : <OwnerName key="owner" id={item.owner_id} />],
          ["Source", item.source],
          ["Confidence", item.confidence === null ? null : formatPercent(100 * item.confidence)],
          ["Measured", isMeasured ? formatAge(item.measured_at, now) : null],
        ]}
      />
      {item.suspect !== null && (
        <p class="problem">
          ▲ {SENSOR_PROBLEM_LABELS[item.suspect.problem] ?? plainLabel(item.suspect.problem)}: {item.suspect.detail}
        </p>
      )}
      <StockOutlook item={item} />
      <StockLots item={item} />
      <StockReorder item={item} />
      <StockActions item={item} />
      <StockHistory item={item} />
      <StockMovements item={item} />
    </DetailFrame>
  );
}

/** Whose goods they are; by the number until the name is read. */
function OwnerName({ id }: { id: number }) {
  return <>{useGet(`/parties/${id}`, null)?.value?.name ?? `Party ${id}`}</>;
}

/** The reorder point that applies, and where it comes from. */
function ReorderPoint({ item }: { item: InventoryItem }) {
  const { reorder_point: point, reorder_point_source: source, reorder_point_location_id: from, unit } = item;
  const text = point === 0 ? "never" : formatQuantity(point, unit);
  if (source === "none") return <>never: none is set</>;
  if (source === "own") return <>{text}</>;
  return (
    <>
      {text}, from {from === null ? "a place above" : <PlaceLink id={from} />}
    </>
  );
}

function StockHistory({ item }: { item: InventoryItem }) {
  const [days, setDays] = useState(7);
  // A shelf may be measured every second; what it counts is read again when the level changes, or now and then.
  const measuredAtMs = item.measured_at === null ? 0 : Date.parse(item.measured_at);
  const version = `${item.quantity} ${Math.floor(measuredAtMs / REFRESH_MS)}`;
  const span = useLoad(`${item.id} ${days}`, version, async (signal) => {
    const to = serverNow();
    const from = to - days * DAY_MS;
    const path = `/inventory-items/${item.id}/events?limit=200&from=${new Date(from).toISOString()}` as const;
    return { from, to, events: await getAll(path, MAX_EVENTS, signal) };
  });
  return (
    <section aria-label="History">
      <h3>History</h3>
      <div class="spans" role="group" aria-label="Span of time">
        {SPANS.map((choice) => (
          <button key={choice} type="button" aria-pressed={choice === days} onClick={() => setDays(choice)}>
            {choice === 1 ? "24 h" : `${choice} days`}
          </button>
        ))}
      </div>
      {span === undefined && <p class="empty">Loading the history …</p>}
      {span?.problem && <p class="problem">The history could not be loaded: {span.problem}</p>}
      {span?.value && !span.value.events.complete && (
        <p class="problem">There are more than {formatCount(MAX_EVENTS)} events: choose a shorter span.</p>
      )}
      {span?.value?.events.complete && (
        <>
          <LevelChart
            points={levelHistory(item, span.value.from, span.value.events.rows)}
            from={span.value.from}
            to={span.value.to}
            reorderPoint={item.reorder_point}
            label={`Level of ${item.name} in the last ${days === 1 ? "24 hours" : `${days} days`}`}
          />
          <StockEvents events={span.value.events.rows} unit={item.unit} />
        </>
      )}
    </section>
  );
}

function StockEvents({ events, unit }: { events: readonly StockEvent[]; unit: string }) {
  const where = useStore(timeZone);
  if (events.length === 0) return <p class="empty">Nothing was counted or moved in this time.</p>;
  return (
    <>
      <ol class="timeline" aria-label="Counts and movements">
        {events
          .slice(-MAX_ROWS)
          .reverse()
          .map((event) => (
            <li key={event.id}>
              <p>
                <strong>{STOCK_EVENT_LABELS[event.type] ?? plainLabel(event.type)}</strong> {amountOf(event, unit)}
              </p>
              <p class="muted">
                <time dateTime={event.at}>{formatDateTime(event.at, where)}</time>
                {[
                  event.lot && `lot ${event.lot}`,
                  event.source,
                  event.device_id,
                  event.reason && plainLabel(event.reason),
                ]
                  .filter(Boolean)
                  .map((word) => ` · ${word}`)}
              </p>
            </li>
          ))}
      </ol>
      {events.length > MAX_ROWS && <p class="empty">The newest {MAX_ROWS} are listed.</p>}
    </>
  );
}

/** "12 pieces (−3)" */
function amountOf({ type, quantity, change }: StockEvent, unit: string): string {
  const signed = change === null || change === 0 ? "" : `${change > 0 ? "+" : "−"}${formatCount(Math.abs(change))}`;
  if (type === "adjusted") return signed;
  if (quantity === null) return "";
  return `${formatQuantity(quantity, unit)}${type === "counted" && signed !== "" ? ` (${signed})` : ""}`;
}
