import { useEffect, useRef } from "preact/hooks";
import { currentTime, timeZone } from "../state/clock.ts";
import { appData } from "../state/live.ts";
import { STAGES, type Shipment } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { updateView } from "../state/view.ts";
import { StageMark } from "../map/stage-mark.tsx";
import { STAGE_LABELS, STATUS_LABELS } from "../labels/status-labels.ts";
import { formatAge, formatDateTime } from "../labels/times.ts";
import { Timeline } from "./timeline.tsx";

/** One shipment: its stage, its facts, and the events with their evidence. */
export function ShipmentDetail({ shipment }: { shipment: Shipment }) {
  const { locations, vehicles } = useStore(appData);
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  const place = (id: number | null) => (id === null ? null : (locations.get(id)?.name ?? `location ${id}`));
  const vehicle = shipment.vehicle_id === null ? undefined : vehicles.get(shipment.vehicle_id);
  const facts: [string, string | null][] = [
    ["Quantity", shipment.quantity.toLocaleString("en-GB")],
    ["At", place(shipment.location_id)],
    ["From", place(shipment.origin_id)],
    ["To", place(shipment.destination_id)],
    ["Due", shipment.due_at === null ? null : formatDateTime(shipment.due_at, where)],
    ["Reference", shipment.reference],
  ];
  return (
    <article class="detail" aria-label={`Shipment ${shipment.tracking_number}`}>
      <button ref={back} type="button" class="link" onClick={() => updateView({ shipmentId: null })}>
        ← All shipments
      </button>
      <h2>{shipment.product_name}</h2>
      <p class="code">{shipment.tracking_number}</p>
      <Stages shipment={shipment} />
      <p>
        <strong>{STATUS_LABELS[shipment.status]}</strong>{" "}
        <span class="muted">since {formatAge(shipment.stage_since, now).replace(" ago", "")}</span>
      </p>
      <dl>
        {facts.map(
          ([name, value]) =>
            value !== null && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
        {vehicle !== undefined && (
          <div>
            <dt>On vehicle</dt>
            <dd>
              <button type="button" class="link" onClick={() => updateView({ vehicleId: vehicle.id })}>
                {vehicle.name}
              </button>
            </dd>
          </div>
        )}
      </dl>
      <Timeline shipment={shipment} />
    </article>
  );
}

function Stages({ shipment }: { shipment: Shipment }) {
  const reached = STAGES.indexOf(shipment.stage);
  return (
    <ol class="stages" aria-label="Stages">
      {STAGES.map((stage, index) => (
        <li
          key={stage}
          class={`${stage} ${index < reached ? "passed" : ""}`}
          aria-current={index === reached ? "step" : undefined}
        >
          <StageMark stage={stage} /> {STAGE_LABELS[stage]}
        </li>
      ))}
    </ol>
  );
}
