import type { Schemas } from "../../../client/index.ts";
import { STATUS_LABELS } from "../../labels/status-labels.ts";
import { post, put } from "../../state/client.ts";
import { appData } from "../../state/live.ts";
import type { Shipment } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { type Field, type FieldsOf, RecordForm } from "../controls/record-form.tsx";
import { choicesOf } from "../controls/use-items.ts";
import { useMay } from "../controls/use-person.ts";
import { conditionsFields, type ConditionsForm, conditionsOf } from "./conditions/conditions-fields.ts";
import { ProofOfDelivery } from "./proof-of-delivery.tsx";
import { shipmentDetailFields } from "./shipment-fields.ts";

const AT: Field<"at"> = { name: "at", label: "When; empty: now", type: "time" };
const CLOSED = new Set(["delivered", "returned", "cancelled"]);

/** What people do with a shipment: load, unload, hand over, correct. The live stream shows what became of it. */
export function ShipmentActions({ shipment }: { shipment: Shipment }) {
  const { locations, vehicles } = useStore(appData);
  if (!useMay(mayHandle)) return null;
  const places = choicesOf(locations.values());
  const path = `/shipments/${shipment.id}` as const;
  const isClosed = CLOSED.has(shipment.status);
  return (
    <section aria-label="Handling" class="handling">
      {shipment.vehicle_id === null && !isClosed && (
        <Act<Schemas["Loading"]>
          label="Load on a vehicle"
          action="Load"
          fields={[
            { name: "vehicle_id", label: "Vehicle", type: "id", options: choicesOf(vehicles.values()), required: true },
            AT,
          ]}
          send={(body) => post(`${path}/load`, body)}
        />
      )}
      {shipment.vehicle_id !== null && (
        <Act<Schemas["Unloading"]>
          label="Unload"
          action="Unload"
          fields={[{ name: "location_id", label: "At", type: "id", options: places, required: true }, AT]}
          send={(body) => post(`${path}/unload`, body)}
        />
      )}
      {!isClosed && <ProofOfDelivery shipment={shipment} />}
      <Act<Schemas["ShipmentChange"]>
        label="Set status or place by hand"
        action="Set"
        fields={[
          { name: "status", label: "Status", options: Object.entries(STATUS_LABELS) },
          { name: "location", label: "At", type: "id", options: places },
          AT,
        ]}
        send={(body) => put(path, body)}
      />
      <Act<Schemas["ShipmentChange"]>
        label="Change its details"
        action="Save"
        isChange
        fields={shipmentDetailFields(places, shipment)}
        send={(body) => put(path, body)}
      />
      <Act<ConditionsForm>
        label="Profiles and conditions"
        action="Save"
        fields={conditionsFields(shipment)}
        send={(form) => put(path, conditionsOf(form))}
      />
    </section>
  );
}

interface ActProps<Body extends object> {
  label: string;
  action: string;
  isChange?: boolean;
  fields: FieldsOf<Body>;
  send: (body: Body) => Promise<unknown>;
}

const Act = <Body extends object>({ label, action, isChange = false, fields, send }: ActProps<Body>) => (
  <Action label={label}>
    {(onDone) => (
      <RecordForm<Body>
        label={label}
        action={action}
        inline
        isChange={isChange}
        fields={fields}
        onSubmit={(body) => send(body).then(onDone)}
      />
    )}
  </Action>
);
