import { currentTime, timeZone } from "../../state/clock.ts";
import { appData, loaded } from "../../state/live.ts";
import { openDetail, openVehicle, vehicleKey } from "../../state/navigation.ts";
import { STAGES, type Shipment } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { StageMark } from "../../map/stage-mark.tsx";
import { STAGE_LABELS, STATUS_LABELS } from "../../labels/status-labels.ts";
import { formatCount } from "../../labels/quantities.ts";
import { formatAge, formatDateTime } from "../../labels/times.ts";
import { DetailFrame, NotFound } from "../controls/detail-frame.tsx";
import { useFound } from "../controls/use-found.ts";
import { Facts } from "../controls/facts.tsx";
import { CustomFacts } from "../custom/custom-facts.tsx";
import { ShipmentEta } from "../eta/shipment-eta.tsx";
import { OrderUnits } from "../orders/order-units.tsx";
import { ShipmentLots } from "../tracing/shipment-lots.tsx";
import { ShipmentConditions } from "./conditions/conditions.tsx";
import { ProfileChips } from "./conditions/profile-chips.tsx";
import { Goods } from "./goods.tsx";
import { Custody } from "./custody.tsx";
import { TripsOf } from "../trips/trips-of.tsx";
import { HandlingUnits } from "./handling-units.tsx";
import { HistoryFiles, Papers } from "./papers.tsx";
import { ShipmentActions } from "./shipment-actions.tsx";
import { ShipmentRisks } from "./shipment-risks.tsx";
import { ShipmentTags } from "./shipment-tags.tsx";
import { ShipmentTrack } from "./shipment-track.tsx";
import { TrackingLinks } from "./tracking-links.tsx";
import { Timeline } from "./timeline.tsx";

/** One shipment: its stage, its facts, its track on the map, and the events with their evidence. */
export function ShipmentDetail({ id }: { id: number }) {
  const { shipments, locations, vehicles } = useStore(appData);
  const now = useStore(currentTime);
  const where = useStore(timeZone);
  const found = useFound(shipments.get(id), `/shipments/${id}`);
  if (!useStore(loaded) || found === undefined) return null;
  if (found.problem !== null) return <NotFound label={`Shipment ${id}`} problem={found.problem} />;
  const shipment = found.value;
  const place = (id: number | null) => (id === null ? null : (locations.get(id)?.name ?? `location ${id}`));
  const vehicle = shipment.vehicle_id === null ? undefined : vehicles.get(shipment.vehicle_id);
  return (
    <DetailFrame label={`Shipment ${shipment.tracking_number}`}>
      <h2>{shipment.product_name}</h2>
      <p class="code">{shipment.tracking_number}</p>
      <ProfileChips shipment={shipment} />
      <Stages shipment={shipment} />
      <p>
        <strong>{STATUS_LABELS[shipment.status]}</strong>{" "}
        <span class="muted">since {formatAge(shipment.stage_since, now).replace(" ago", "")}</span>
      </p>
      <Facts
        of={[
          ["Quantity", formatCount(shipment.quantity)],
          ["At", place(shipment.location_id)],
          ["From", place(shipment.origin_id)],
          ["To", place(shipment.destination_id)],
          ["Due", shipment.due_at === null ? null : formatDateTime(shipment.due_at, where)],
          ["Reference", shipment.reference],
          [
            "Order",
            shipment.order_id && (
              <button type="button" class="link" onClick={() => openDetail({ kind: "order", id: shipment.order_id! })}>
                order {shipment.order_id}
              </button>
            ),
          ],
          [
            "On vehicle",
            vehicle && (
              <button
                type="button"
                class="link"
                data-opens={vehicleKey(vehicle.id)}
                onClick={() => openVehicle(vehicle.id)}
              >
                {vehicle.name}
              </button>
            ),
          ],
        ]}
      />
      <ShipmentRisks shipment={shipment} />
      <ShipmentEta shipment={shipment} />
      <Goods shipment={shipment} />
      <TripsOf query={`shipment_id=${id}`} />
      <ShipmentTrack shipment={shipment} />
      <ShipmentConditions shipment={shipment} />
      <ShipmentActions shipment={shipment} />
      <Papers shipment={shipment} />
      <TrackingLinks shipment={shipment} />
      <CustomFacts thing="shipments" id={id} changedAt={shipment.updated_at} />
      {shipment.order_id !== null && (
        <OrderUnits orderId={shipment.order_id} version={shipment.updated_at} shipmentId={shipment.id} />
      )}
      <HandlingUnits shipment={shipment} />
      <ShipmentLots shipment={shipment} />
      <ShipmentTags shipment={shipment} />
      <Timeline shipment={shipment} />
      <HistoryFiles shipment={shipment} />
      <Custody shipment={shipment} />
    </DetailFrame>
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
