import { timeZone } from "../../state/clock.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Order } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { ORDER_KIND_LABELS, plainLabel } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";
import { Expected } from "../eta/expected.tsx";

/** In the order in which orders pass them; what is over comes last. */
const STATUSES: readonly Order["status"][] = [
  "draft",
  "approved",
  "sent",
  "picking",
  "packed",
  "shipped",
  "partial",
  "received",
  "closed",
  "cancelled",
];

/** Whether something of an order waits to be picked. */
export const mayBePicked = ({ kind, status, lines }: Order): boolean =>
  (kind === "customer" || kind === "transfer") &&
  status !== "draft" &&
  lines.some(({ open, reserved }) => open + reserved > 0);

interface BoardProps {
  orders: readonly Order[];
  chosen: ReadonlySet<number>;
  /** undefined: this person picks nothing */
  onChoose: ((order: Order) => void) | undefined;
}

/** Orders by status, the newest first. */
export function OrderBoard({ orders, chosen, onChoose }: BoardProps) {
  const where = useStore(timeZone);
  const groups = STATUSES.map((status) => ({
    status,
    of: orders.filter((order) => order.status === status).toSorted((a, b) => b.id - a.id),
  })).filter(({ of }) => of.length > 0);
  const rowKeys = useRowKeys(groups.flatMap(({ of }) => of.map(({ id }) => detailKey({ kind: "order", id }))));
  return (
    <table class="list board">
      <caption class="hidden">Orders</caption>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Goods</th>
          <th scope="col" class="number">
            Date
          </th>
        </tr>
      </thead>
      {groups.map(({ status, of }) => (
        <tbody key={status} aria-label={plainLabel(status)} onKeyDown={rowKeys.onKeyDown}>
          <tr class="board-status">
            <th scope="rowgroup" colSpan={3}>
              {plainLabel(status)} <span class="count">{formatCount(of.length)}</span>
            </th>
          </tr>
          {of.map((order) => (
            <tr key={order.id}>
              <th scope="row">
                {onChoose && mayBePicked(order) && (
                  <input
                    type="checkbox"
                    aria-label={`Pick ${order.reference ?? `order ${order.id}`}`}
                    checked={chosen.has(order.id)}
                    onChange={() => onChoose(order)}
                  />
                )}
                <button
                  type="button"
                  class="link opener"
                  {...rowKeys.opener(detailKey({ kind: "order", id: order.id }))}
                  onClick={() => openDetail({ kind: "order", id: order.id })}
                >
                  {order.reference ?? `Order ${order.id}`}
                </button>
                <span class="kind">{ORDER_KIND_LABELS[order.kind] ?? plainLabel(order.kind)}</span>
              </th>
              <td>
                {goodsText(order)}
                {order.expected_at !== null && (
                  <span class="kind">
                    <Expected at={order.expected_at} />
                  </span>
                )}
              </td>
              <td class="number">{formatDateTime(order.order_date, where)}</td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  );
}

/** How far the goods of an order are: "8 of 12 reserved". */
function goodsText({ kind, lines }: Order): string {
  const sum = (of: (line: Order["lines"][number]) => number) => lines.reduce((total, line) => total + of(line), 0);
  const quantity = sum((line) => line.quantity - line.cancelled);
  const steps =
    kind === "customer" || kind === "transfer"
      ? (["received", "shipped", "packed", "picked", "reserved"] as const)
      : (["received"] as const);
  const step = steps.find((name) => sum((line) => line[name]) > 0);
  return step === undefined
    ? formatCount(quantity)
    : `${formatCount(sum((line) => line[step]))} of ${formatCount(quantity)} ${step}`;
}
