import type { Schemas } from "../../../client/index.ts";
import { post } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import { openDetail } from "../../state/navigation.ts";
import { mayManage } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { choicesOf, useItems } from "../controls/use-items.ts";
import { useMay } from "../controls/use-person.ts";

/** Keeps a product at a location from now on. */
export function NewStock() {
  if (!useMay(mayManage)) return null;
  return <Action label="New stock position">{(onDone) => <NewStockForm onDone={onDone} />}</Action>;
}

function NewStockForm({ onDone }: { onDone: () => void }) {
  const { locations } = useStore(appData);
  const items = useItems();
  return (
    <RecordForm<Schemas["NewInventoryItem"]>
      label="New stock position"
      action="Add"
      inline
      fields={[
        { name: "item_id", label: "Product", type: "id", options: items, required: true },
        { name: "location_id", label: "At", type: "id", options: choicesOf(locations.values()), required: true },
        { name: "quantity", label: "Quantity", type: "number", min: 0 },
        { name: "reorder_point", label: "Reorder at; empty: as above it", type: "number", min: 0 },
      ]}
      onSubmit={async (body) => {
        const { id } = await post("/inventory-items", body);
        onDone();
        openDetail({ kind: "stock", id });
      }}
    />
  );
}
