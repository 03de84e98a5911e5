import { getAll } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";
import { ORDER_KIND_LABELS, plainWords } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { NewOrder } from "./new-order.tsx";
import { useLoad } from "../controls/use-load.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";

const MAX_ORDERS = 1000;

/** All orders: newest first. */
export function Orders() {
  const where = useStore(timeZone);
  const { changes } = useStore(appData);
  const loaded = useLoad("orders", changes.get("orders"), (signal) => getAll("/orders?limit=200", MAX_ORDERS, signal));
  const { rows, complete } = loaded?.value ?? { rows: [], complete: true };
  const sorted = [...rows].sort((a, b) => b.id - a.id);
  const rowKeys = useRowKeys(sorted.map(({ id }) => detailKey({ kind: "order", id })));
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) return <p class="problem">The orders could not be loaded: {loaded.problem}</p>;
  return (
    <>
      <NewOrder />
      {rows.length === 0 && <p class="empty">No orders yet.</p>}
      <table class="list">
        <caption class="hidden">Orders</caption>
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Lines
            </th>
            <th scope="col" class="number">
              Date
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={rowKeys.onKeyDown}>
          {sorted.map((order) => (
            <tr key={order.id}>
              <th scope="row">
                <button
                  type="button"
                  class="link opener"
                  {...rowKeys.opener(detailKey({ kind: "order", id: order.id }))}
                  onClick={() => openDetail({ kind: "order", id: order.id })}
                >
                  {order.reference ?? `Order ${order.id}`}
                </button>
                <span class="kind">{ORDER_KIND_LABELS[order.kind] ?? plainWords(order.kind)}</span>
              </th>
              <td>{plainWords(order.status)}</td>
              <td class="number">{order.lines.length}</td>
              <td class="number">{formatDateTime(order.order_date, where)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {!complete && <p class="empty">There are more orders than this page loads.</p>}
    </>
  );
}
