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
import { conditionsFields, type ConditionsForm, withConditions } from "./conditions/conditions-fields.ts";
import { type GoodsFields, goodsFields, withLines } from "./shipment-lines.ts";
import { shipmentDetailFields } from "./shipment-fields.ts";

type ShipmentForm = Omit<Schemas["NewShipment"], "lines"> & GoodsFields;

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
    <RecordForm<ShipmentForm & ConditionsForm>
      label="New shipment"
      action="Create"
      inline
      fields={(chosen) => [
        ...goodsFields(items, chosen),
        { name: "location", label: "At", type: "id", options: places, required: true },
        { name: "at", label: "Since; empty: now", type: "time" },
        ...shipmentDetailFields(places),
        ...conditionsFields(),
        ...formFields<ShipmentForm>(custom, undefined),
      ]}
      onSubmit={async (body) =>
        onCreated((await post("/shipments", withLines(withCustom(withConditions<ShipmentForm>(body), undefined)))).id)
      }
    />
  );
}
