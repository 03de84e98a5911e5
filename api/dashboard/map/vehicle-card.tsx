import { currentTime } from "../state/clock.ts";
import { appData } from "../state/live.ts";
import type { Position } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { close, detailKey, openDetail } from "../state/navigation.ts";
import { view } from "../state/view.ts";
import { formatAge } from "../labels/times.ts";
import { Action } from "../panels/controls/action.tsx";
import { CustomFacts } from "../panels/custom/custom-facts.tsx";
import { DrivesOf } from "../panels/trips/drives-of.tsx";
import { StopsOf } from "../panels/trips/stops-of.tsx";
import { TripsOf } from "../panels/trips/trips-of.tsx";
import { follows, followAgain } from "./follow.ts";
import { VehicleTelemetry } from "./vehicle-telemetry.tsx";
import { MotionMark } from "./motion-mark.tsx";
import { type MotionState, motionOf } from "./truck-markers.ts";
import { MOTION_LABELS, compassPoint, formatSpeed } from "../labels/movement.ts";

/** Card over the map with the facts of the selected vehicle. */
export function VehicleCard() {
  const { vehicleId } = useStore(view);
  const { vehicles, shipments } = useStore(appData);
  const now = useStore(currentTime);
  const vehicle = vehicleId === null ? undefined : vehicles.get(vehicleId);
  if (vehicle === undefined) return null;
  const { position } = vehicle;
  const aboard = [...shipments.values()].filter((shipment) => shipment.vehicle_id === vehicle.id);
  return (
    <aside class="vehicle-card" aria-label={`Vehicle ${vehicle.name}`}>
      <header>
        <strong>{vehicle.name}</strong>
        {vehicle.plate !== null && <span class="plate">{vehicle.plate}</span>}
        <button
          type="button"
          class="close"
          aria-label="Close"
          aria-keyshortcuts="Escape"
          onClick={() => close("vehicle")}
        >
          ×
        </button>
      </header>
      {position === null ? (
        <p>No position yet.</p>
      ) : (
        <p>
          <Movement position={position} state={motionOf(position, now)} />
          <br />
          <span class="muted">
            fix {formatAge(position.ts, now)}
            {position.accuracy !== null && ` · ±${Math.round(position.accuracy)} m`} · {position.device_id}
          </span>
        </p>
      )}
      {position !== null && <FollowState />}
      <VehicleTelemetry vehicleId={vehicle.id} />
      {aboard.length > 0 && (
        <ul>
          {aboard.slice(0, 4).map((shipment) => (
            <li key={shipment.id}>
              <button
                type="button"
                class="link"
                data-opens={detailKey({ kind: "shipment", id: shipment.id })}
                onClick={() => openDetail({ kind: "shipment", id: shipment.id })}
              >
                {shipment.tracking_number}
              </button>{" "}
              {shipment.product_name}
            </li>
          ))}
          {aboard.length > 4 && <li class="muted">and {aboard.length - 4} more</li>}
        </ul>
      )}
      <Action label="Trips">{() => <TripsOf query={`vehicle_id=${vehicle.id}`} />}</Action>
      <Action label="Drives">{() => <DrivesOf vehicleId={vehicle.id} />}</Action>
      <Action label="Stops">{() => <StopsOf vehicleId={vehicle.id} />}</Action>
      <Action label="Fields, tags and files">
        {() => <CustomFacts key={vehicle.id} thing="vehicles" id={vehicle.id} />}
      </Action>
    </aside>
  );
}

function Movement({ position, state }: { position: Position; state: MotionState }) {
  return (
    <>
      <MotionMark state={state} /> {MOTION_LABELS[state]}
      {state === "moving" && ` · ${formatSpeed(position.speed)} ${compassPoint(position.heading)}`}
    </>
  );
}

/** Says whether the map goes along with the vehicle, and offers it again after somebody has moved the map. */
function FollowState() {
  const isFollowed = useStore(follows);
  return (
    <p class="follow-state" role="status">
      {isFollowed ? (
        <span class="muted">◎ The map follows it</span>
      ) : (
        <>
          <span class="muted">The map does not follow it.</span>{" "}
          <button type="button" class="link" onClick={followAgain}>
            Follow again
          </button>
        </>
      )}
    </p>
  );
}
