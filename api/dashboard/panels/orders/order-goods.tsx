import { formatCount } from "../../labels/quantities.ts";
import { post } from "../../state/client.ts";
import { openDetail } from "../../state/navigation.ts";
import type { Order } from "../../state/resources.ts";
import { mayHandle, mayOrder } from "../../state/roles.ts";
import { Action } from "../controls/action.tsx";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";
import { OrderUnits } from "./order-units.tsx";
import { PackForm } from "./pack-form.tsx";
import { Reservations } from "./reservations.tsx";

interface GoodsProps {
  order: Order;
  onChanged: () => void;
}

/** Nothing follows them. */
export const ENDED: ReadonlySet<Order["status"]> = new Set(["closed", "cancelled"]);
const sum = (order: Order, of: (line: Order["lines"][number]) => number): number =>
  order.lines.reduce((total, line) => total + of(line), 0);

/** What people do with the goods of an order: hold them, have them picked, pack and ship them, or cancel the rest. */
export function OrderGoods({ order, onChanged }: GoodsProps) {
  const mayCancel = useMay((person) => mayOrder(person, order.kind));
  const isHandler = useMay(mayHandle);
  const { busy, problem, run } = useWrite();
  const { id, kind, status } = order;
  const isOutbound = kind === "customer" || kind === "transfer";
  const isOpen = !ENDED.has(status) && status !== "received";
  const done = async (change: () => Promise<unknown>) => (await run(change)) && onChanged();
  const open = sum(order, ({ open }) => open);
  const toPick = open + sum(order, ({ reserved }) => reserved);
  const toPack = sum(order, ({ picked, packed }) => picked - packed);
  const toShip = sum(order, ({ packed, shipped }) => packed - shipped);
  const moved = sum(order, (line) => (isOutbound ? line.shipped : line.received));
  const isPicked = isHandler && isOutbound && isOpen && status !== "draft";
  return (
    <section aria-label="Goods" class="handling">
      <p class="next-statuses">
        {mayCancel && isOutbound && isOpen && open > 0 && (
          <button type="button" disabled={busy} onClick={() => void done(() => post(`/orders/${id}/reserve`, {}))}>
            Reserve {formatCount(open)}
          </button>
        )}
        {isPicked && toPick > 0 && (
          <>
            <button
              type="button"
              disabled={busy}
              onClick={() =>
                void run(async () => {
                  const list = await post("/pick-lists", { order_ids: [id] });
                  openDetail({ kind: "picks", id: list.id });
                })
              }
            >
              Make a pick list
            </button>
            <button type="button" disabled={busy} onClick={() => void done(() => post(`/orders/${id}/pick`, {}))}>
              All {formatCount(toPick)} are picked
            </button>
          </>
        )}
        {isPicked && toPack > 0 && (
          <button type="button" disabled={busy} onClick={() => void done(() => post(`/orders/${id}/pack`, {}))}>
            Pack {formatCount(toPack)} into one
          </button>
        )}
        {isPicked && toShip > 0 && (
          <button type="button" disabled={busy} onClick={() => void done(() => post(`/orders/${id}/ship`, {}))}>
            Ship {formatCount(toShip)}
          </button>
        )}
        {mayCancel && isOpen && moved > 0 && (
          <ConfirmButton
            label="Cancel the rest"
            question="What is held is free again, and what was picked goes back. Cancel the rest?"
            disabled={busy}
            onConfirm={() => void done(() => post(`/orders/${id}/cancel`, {}))}
          />
        )}
      </p>
      {isPicked && toPack > 0 && (
        <Action label="Pack and weigh">
          {(onDone) => (
            <PackForm
              orderId={id}
              action={`Pack all ${formatCount(toPack)}`}
              onPacked={() => {
                onDone();
                onChanged();
              }}
            />
          )}
        </Action>
      )}
      <ProblemText problem={problem} />
      <Reservations order={order} mayFree={mayCancel} onChanged={onChanged} />
      <OrderUnits orderId={id} version={order.updated_at} />
    </section>
  );
}
