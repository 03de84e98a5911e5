import type { Schemas } from "../../../client/index.ts";
import { post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { openDetail } from "../../state/navigation.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { choicesOf, useItems } from "../controls/use-items.ts";
import { useMay } from "../controls/use-person.ts";
import { formFields, useCustomFields, withCustom } from "../custom/custom-fields.ts";
import { shipmentDetailFields } from "./shipment-fields.ts";

/** Creates a shipment, and opens it. */
export function NewShipment() {
  if (!useMay(mayHandle)) return null;
  return (
    <Action label="New shipment">
      {(onDone) => (
        <NewShipmentForm
          onCreated={(id) => {
            onDone();
            openDetail({ kind: "shipment", id });
          }}
        />
      )}
    </Action>
  );
}

function NewShipmentForm({ onCreated }: { onCreated: (id: number) => void }) {
  const { locations } = useStore(appData);
  const places = choicesOf(locations.values());
  const items = useItems();
  const custom = useCustomFields("shipments");
  return (
    <RecordForm<Schemas["NewShipment"]>
      label="New shipment"
      action="Create"
      inline
      fields={(chosen) => [
        { name: "item_id", label: "Product", type: "id", options: items },
        {
          name: "product_name",
          label: "or its name",
          required: (chosen["item_id"] ?? "") === "",
        },
        { name: "quantity", label: "Quantity", type: "number", min: 1, required: true },
        { name: "location", label: "At", type: "id", options: places, required: true },
        { name: "at", label: "Since; empty: now", type: "time" },
        ...shipmentDetailFields(places),
        ...formFields<Schemas["NewShipment"]>(custom, undefined),
      ]}
      onSubmit={async (body) => onCreated((await post("/shipments", withCustom(body, undefined))).id)}
    />
  );
}
