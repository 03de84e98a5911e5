import type { Schemas } from "../../../client/index.ts";
import { put } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import type { Order } from "../../state/resources.ts";
import { mayOrder } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { choicesOf, useItems, useParties, withChosen } from "../controls/use-items.ts";
import { useMay } from "../controls/use-person.ts";
import { type LineFields, lineFields, splitLines } from "./order-lines.ts";

/** The lines can change until somebody works on the order. */
const LINES_OPEN: ReadonlySet<Order["status"]> = new Set(["draft", "approved"]);

/** What people change of an order beside its status: its lines and its details. Whose order it is, the server knows. */
export function OrderChanges({ order, onChanged }: { order: Order; onChanged: () => void }) {
  if (!useMay((person) => mayOrder(person, order.kind))) return null;
  return (
    <section aria-label="Changes" class="handling">
      {LINES_OPEN.has(order.status) && (
        <Action label="Change its lines">
          {(onDone) => (
            <LinesForm
              order={order}
              onDone={() => {
                onDone();
                onChanged();
              }}
            />
          )}
        </Action>
      )}
      <Action label="Change its details">
        {(onDone) => (
          <DetailsForm
            order={order}
            onDone={() => {
              onDone();
              onChanged();
            }}
          />
        )}
      </Action>
    </section>
  );
}

interface FormProps {
  order: Order;
  onDone: () => void;
}

function LinesForm({ order, onDone }: FormProps) {
  const items = useItems();
  // The product of a line is chosen from the catalogue: without it, none would be.
  if (items.length === 0) return <p class="empty">Loading …</p>;
  return (
    <RecordForm<LineFields>
      label="Change its lines"
      action="Save"
      inline
      fields={(chosen) => lineFields(items, chosen, order.lines)}
      onSubmit={async (form) => {
        await put(`/orders/${order.id}`, { lines: splitLines(form).lines });
        onDone();
      }}
    />
  );
}

function DetailsForm({ order, onDone }: FormProps) {
  const { locations } = useStore(appData);
  const places = choicesOf(locations.values());
  const customers = useParties("customer");
  const suppliers = useParties("supplier");
  const owners = useParties("owner");
  return (
    <RecordForm<Schemas["OrderChange"]>
      label="Change its details"
      action="Save"
      inline
      isChange
      fields={[
        { name: "reference", label: "Reference", value: order.reference },
        {
          name: "location_id",
          label: "At",
          type: "id",
          options: withChosen(places, order.location_id),
          value: order.location_id,
        },
        { name: "order_date", label: "Date", type: "time", required: true, value: order.order_date },
        {
          name: "customer_id",
          label: "Customer",
          type: "id",
          options: withChosen(customers, order.customer_id),
          value: order.customer_id,
        },
        {
          name: "supplier_id",
          label: "Supplier",
          type: "id",
          options: withChosen(suppliers, order.supplier_id),
          value: order.supplier_id,
        },
        {
          name: "owner_id",
          label: "Goods of",
          type: "id",
          options: withChosen(owners, order.owner_id),
          value: order.owner_id,
        },
      ]}
      onSubmit={async (change) => {
        await put(`/orders/${order.id}`, change);
        onDone();
      }}
    />
  );
}
