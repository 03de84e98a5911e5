import type { Schemas } from "../../../client/index.ts";
import { ORDER_KIND_LABELS } from "../../labels/status-labels.ts";
import { post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { openDetail } from "../../state/navigation.ts";
import { mayOrder } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { choicesOf, useItems, useParties } from "../controls/use-items.ts";
import { useMay } from "../controls/use-person.ts";
import { type LineFields, lineFields, splitLines } from "./order-lines.ts";

type OrderForm = Omit<Schemas["NewOrder"], "lines"> & LineFields;

/** Places an order, and opens it. */
export function NewOrder() {
  const kinds = Object.entries(ORDER_KIND_LABELS);
  const mayCustomer = useMay((person) => mayOrder(person, "customer"));
  const mayTransfer = useMay((person) => mayOrder(person, "transfer"));
  const mayRestock = useMay((person) => mayOrder(person, "restock"));
  const may: Readonly<Record<string, boolean>> = { restock: mayRestock, transfer: mayTransfer };
  const allowed = kinds.filter(([kind]) => may[kind] ?? mayCustomer);
  if (allowed.length === 0) return null;
  return <Action label="New order">{(onDone) => <NewOrderForm kinds={allowed} onDone={onDone} />}</Action>;
}

function NewOrderForm({ kinds, onDone }: { kinds: [string, string][]; onDone: () => void }) {
  const { locations } = useStore(appData);
  const items = useItems();
  const customers = useParties("customer");
  const suppliers = useParties("supplier");
  const owners = useParties("owner");
  return (
    <RecordForm<OrderForm>
      label="New order"
      action="Place"
      inline
      fields={(chosen) => [
        { name: "kind", label: "Kind", options: kinds, required: true, value: kinds[0]?.[0] },
        { name: "reference", label: "Reference" },
        { name: "location_id", label: "At", type: "id", options: choicesOf(locations.values()) },
        ...(chosen["kind"] === "transfer"
          ? [{ name: "ship_to_id" as const, label: "To", type: "id" as const, options: choicesOf(locations.values()) }]
          : []),
        { name: "order_date", label: "Date; empty: now", type: "time" },
        { name: "customer_id", label: "Customer", type: "id", options: customers },
        { name: "supplier_id", label: "Supplier", type: "id", options: suppliers },
        ...(owners.length > 0
          ? [{ name: "owner_id" as const, label: "Goods of", type: "id" as const, options: owners }]
          : []),
        ...lineFields(items, chosen),
      ]}
      onSubmit={async (form) => {
        const { lines, rest } = splitLines(form);
        const { id } = await post("/orders", { ...rest, lines });
        onDone();
        openDetail({ kind: "order", id });
      }}
    />
  );
}
