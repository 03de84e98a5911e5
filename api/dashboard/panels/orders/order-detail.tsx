import { useState } from "preact/hooks";
import { put } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import type { Order, OrderLine } from "../../state/resources.ts";
import { mayOrder } from "../../state/roles.ts";
import { session } from "../../state/session.ts";
import { useStore } from "../../state/store.ts";
import { formatCount, formatQuantity } from "../../labels/quantities.ts";
import { ORDER_KIND_LABELS, plainLabel } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { DetailFrame } from "../controls/detail-frame.tsx";
import { Facts } from "../controls/facts.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useGet } from "../controls/use-load.ts";
import { useWrite } from "../controls/use-write.ts";
import { Expected } from "../eta/expected.tsx";
import { OrderChanges } from "./order-changes.tsx";
import { ENDED, OrderGoods } from "./order-goods.tsx";
import { OrderReceipt, sourcesText } from "./order-receipt.tsx";

/** One order: its lines, its status, and what the status may become. */
export function OrderDetail({ id }: { id: number }) {
  const { locations, changes } = useStore(appData);
  const where = useStore(timeZone);
  const [reads, setReads] = useState(0);
  const loaded = useGet(`/orders/${id}`, `${reads} ${changes.get("orders")}`);
  const order = loaded?.value;
  return (
    <DetailFrame label={`Order ${id}`}>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The order could not be loaded: {loaded.problem}</p>}
      {order && (
        <>
          <h2>{order.reference ?? `Order ${id}`}</h2>
          <Facts
            of={[
              ["Kind", ORDER_KIND_LABELS[order.kind] ?? plainLabel(order.kind)],
              ["Date", formatDateTime(order.order_date, where)],
              ["Goods", order.expected_at && <Expected key="expected" at={order.expected_at} />],
              ["Location", order.location_id && (locations.get(order.location_id)?.name ?? null)],
              ["To", order.kind === "transfer" ? locations.get(order.ship_to_id ?? 0)?.name : null],
              ["Goods of", order.owner_id === null ? null : <Owner key="owner" id={order.owner_id} />],
              ["Drafted", order.made_for === null ? null : "by the platform, because stock is short"],
              ["Changed", formatDateTime(order.updated_at, where)],
            ]}
          />
          <OrderStatus order={order} onChanged={() => setReads((before) => before + 1)} />
          <OrderLines lines={order.lines} />
          <OrderGoods order={order} onChanged={() => setReads((before) => before + 1)} />
          <OrderReceipt order={order} onChanged={() => setReads((before) => before + 1)} />
          <OrderChanges order={order} onChanged={() => setReads((before) => before + 1)} />
        </>
      )}
    </DetailFrame>
  );
}

/** Whose goods they are; by the number until the name is read. */
function Owner({ id }: { id: number }) {
  return <>{useGet(`/parties/${id}`, null)?.value?.name ?? `Party ${id}`}</>;
}

/** The status, and a button for each that it may become: the server tells those that this person's role may set. */
function OrderStatus({ order, onChanged }: { order: Order; onChanged: () => void }) {
  const current = useStore(session);
  const { busy, problem, run } = useWrite();
  const isAllowed = current.at === "signed-in" && mayOrder(current.person, order.kind);
  async function setStatus(status: Order["status"]): Promise<void> {
    if (await run(() => put(`/orders/${order.id}`, { status }))) onChanged();
  }
  return (
    <section aria-label="Status">
      <h3>Status</h3>
      <p>
        <strong>{plainLabel(order.status)}</strong>
        {ENDED.has(order.status) && <span class="muted"> · final</span>}
      </p>
      {order.next_statuses.length > 0 && (
        <p class="next-statuses">
          <span class="muted">{isAllowed ? "Set to" : "Next:"}</span>
          {order.next_statuses.map((status) =>
            isAllowed ? (
              <button key={status} type="button" disabled={busy} onClick={() => void setStatus(status)}>
                {plainLabel(status)}
              </button>
            ) : (
              <span key={status}>{plainLabel(status)}</span>
            ),
          )}
        </p>
      )}
      <ProblemText problem={problem} />
    </section>
  );
}

/** Names of products come from stock: one that is kept nowhere has only its number. */
function OrderLines({ lines }: { lines: Order["lines"] }) {
  const { stock } = useStore(appData);
  const products = new Map([...stock.values()].map((item) => [item.item_id, item]));
  return (
    <section aria-label="Lines">
      <h3>Lines</h3>
      <ul class="lines">
        {lines.map((line) => {
          const product = products.get(line.item_id);
          const { quantity } = line;
          return (
            <li key={line.line}>
              <span class="grow">{product?.name ?? `Item ${line.item_id}`}</span>
              <span class="number">
                {product ? formatQuantity(quantity, product.unit) : formatCount(quantity)}
                {lineTexts(line).map((text) => ` · ${text}`)}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What has become of a line: "2 reserved", "4 received (4 by scale)". */
function lineTexts(line: OrderLine): string[] {
  const { quantity, received, received_by: receivedBy, cancelled } = line;
  const steps = (["reserved", "picked", "packed", "shipped"] as const).flatMap((step) =>
    line[step] > 0 ? [`${formatCount(line[step])} ${step}`] : [],
  );
  const more = line.shipped > 0 ? line.shipped : quantity;
  return [
    ...steps,
    ...(received > 0 ? [`${formatCount(received)} received${sourcesText(receivedBy)}`] : []),
    ...(["damaged", "scrapped", "missing"] as const).flatMap((of) =>
      line[of] > 0 ? [`${formatCount(line[of])} ${of}`] : [],
    ),
    ...(received > more
      ? [`${formatCount(received - more)} more than ${line.shipped > 0 ? "shipped" : "ordered"}`]
      : []),
    ...(cancelled > 0 ? [`${formatCount(cancelled)} ${line.shipped > 0 ? "cancelled" : "will not come"}`] : []),
  ];
}
