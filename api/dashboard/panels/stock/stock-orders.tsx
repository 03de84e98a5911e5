import { formatQuantity } from "../../labels/quantities.ts";
import { ORDER_KIND_LABELS } from "../../labels/status-labels.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Row } from "../../state/operations.ts";
import { Expected } from "../eta/expected.tsx";

interface StockOrdersProps {
  orders: Row<"/stock-outlooks">["orders"];
  unit: string;
}

/** The orders whose goods are awaited here, and when they are expected. What is overdue is owed, so it counts as on order. */
export function StockOrders({ orders, unit }: StockOrdersProps) {
  if (orders.length === 0) return null;
  return (
    <ul class="timeline" aria-label="On order">
      {orders.map(({ order_id: id, kind, reference, quantity, expected_at: at }) => (
        <li key={id}>
          <p>
            <button
              type="button"
              class="link"
              data-opens={detailKey({ kind: "order", id })}
              onClick={() => openDetail({ kind: "order", id })}
            >
              {formatQuantity(quantity, unit)}
            </button>
            {` of ${(ORDER_KIND_LABELS[kind] ?? kind).toLowerCase()} ${reference ?? id}, `}
            {at === null ? <span class="muted">arrival not known</span> : <Expected at={at} />}
          </p>
        </li>
      ))}
    </ul>
  );
}
