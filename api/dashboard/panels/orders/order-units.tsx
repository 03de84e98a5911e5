import type { Schemas } from "../../../client/index.ts";
import { formatCount, formatGrams } from "../../labels/quantities.ts";
import { appData } from "../../state/live.ts";
import { openDetail } from "../../state/navigation.ts";
import { useStore } from "../../state/store.ts";
import { useAll } from "../controls/use-load.ts";

interface UnitsProps {
  orderId: number;
  /** changes when a unit may have been packed or shipped */
  version: string;
  /** only those that left with it */
  shipmentId?: number;
}

/** The boxes and pallets that an order was packed into, and the shipments that they left with. */
export function OrderUnits({ orderId, version, shipmentId }: UnitsProps) {
  const { stock } = useStore(appData);
  const loaded = useAll(`/orders/${orderId}/units`, version);
  const all = loaded?.value ?? [];
  const units = shipmentId === undefined ? all : all.filter((unit) => unit.shipment_id === shipmentId);
  // Who sees a shipment need not see the order that it is of.
  if (loaded?.problem && shipmentId === undefined)
    return <p class="problem">Its units could not be loaded: {loaded.problem}</p>;
  if (units.length === 0) return null;
  const names = new Map([...stock.values()].map((item) => [item.item_id, item.name]));
  return (
    <section aria-label="Units">
      <h3>{shipmentId === undefined ? "Packed into" : "Contents"}</h3>
      <ul class="lines">
        {units.map(({ id, sscc, contents, shipment_id: shippedWith, tracking_number: number, ...weight }, at) => (
          <li key={id}>
            <span class="grow">
              <span class="code">{sscc ?? `unit ${at + 1}`}</span>{" "}
              <span class="muted">
                {contents
                  .map((each) => `${formatCount(each.quantity)} ${names.get(each.item_id) ?? `item ${each.item_id}`}`)
                  .join(", ")}
                {weightText(weight)}
              </span>
            </span>
            {shippedWith === null && <span class="muted">not shipped</span>}
            {shippedWith !== null && shipmentId === undefined && (
              <button type="button" class="link" onClick={() => openDetail({ kind: "shipment", id: shippedWith })}>
                {number}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

type Weight = Pick<Schemas["OrderUnit"], "weight_grams" | "expected_weight_grams" | "weight_reason">;

function weightText({ weight_grams: grams, expected_weight_grams: expected, weight_reason: reason }: Weight): string {
  if (grams === null) return "";
  const asked = expected === null ? "" : `, expected ${formatGrams(expected)}`;
  return `; weighs ${formatGrams(grams)}${asked}${reason === null ? "" : ` (${reason})`}`;
}
