import { formatCount } from "../../labels/quantities.ts";
import { appData } from "../../state/live.ts";
import { openDetail } from "../../state/navigation.ts";
import type { Order } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { useAll } from "../controls/use-load.ts";

/** The boxes and pallets that an order was packed into, and the shipments that they left with. */
export function OrderUnits({ order }: { order: Order }) {
  const { stock } = useStore(appData);
  const loaded = useAll(`/orders/${order.id}/units`, order.updated_at);
  const units = loaded?.value ?? [];
  if (loaded?.problem) return <p class="problem">Its units could not be loaded: {loaded.problem}</p>;
  if (units.length === 0) return null;
  const names = new Map([...stock.values()].map((item) => [item.item_id, item.name]));
  return (
    <section aria-label="Units">
      <h3>Packed into</h3>
      <ul class="lines">
        {units.map(({ id, sscc, contents, shipment_id: shipmentId, tracking_number: number }, at) => (
          <li key={id}>
            <span class="grow">
              <span class="code">{sscc ?? `unit ${at + 1}`}</span>{" "}
              <span class="muted">
                {contents
                  .map((each) => `${formatCount(each.quantity)} ${names.get(each.item_id) ?? `item ${each.item_id}`}`)
                  .join(", ")}
              </span>
            </span>
            {shipmentId === null ? (
              <span class="muted">not shipped</span>
            ) : (
              <button type="button" class="link" onClick={() => openDetail({ kind: "shipment", id: shipmentId })}>
                {number}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
