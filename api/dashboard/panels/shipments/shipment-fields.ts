import type { Shipment } from "../../state/resources.ts";
import type { Schemas } from "../../../client/index.ts";
import type { Field } from "../controls/record-form.tsx";

/** What people say of a shipment, beside where it is. */
export const shipmentDetailFields = (
  places: readonly (readonly [number, string])[],
  shipment?: Shipment,
): readonly Field<keyof Schemas["NewShipment"] & keyof Schemas["ShipmentChange"]>[] => [
  { name: "destination_id", label: "To", type: "id", options: places, value: shipment?.destination_id },
  { name: "due_at", label: "Due", type: "time", value: shipment?.due_at },
  { name: "reference", label: "Reference", value: shipment?.reference },
  { name: "priority", label: "Priority", value: shipment?.priority },
  { name: "value_cents", label: "Value, cents", type: "number", min: 0, value: shipment?.value_cents },
  { name: "currency", label: "Currency", pattern: "[A-Z]{3}", placeholder: "EUR", value: shipment?.currency },
  { name: "order_id", label: "Of order, its number", type: "number", min: 1, value: shipment?.order_id },
  { name: "owner_id", label: "Owner, its number", type: "number", min: 1, value: shipment?.owner_id },
];
