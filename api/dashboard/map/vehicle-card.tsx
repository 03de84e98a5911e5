import { second } from "../state/clock.ts";
import { world } from "../state/live.ts";
import type { Position } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { look, view } from "../state/view.ts";
import { age } from "../labels/times.ts";
import { MotionMark } from "./motion-mark.tsx";
import { type MotionState, motionOf } from "./motion.ts";
import { MOTION_WORDS, compass, kilometresPerHour } from "../labels/movement.ts";

/** What is known of the chosen vehicle, over the map. */
export function VehicleCard() {
  const { vehicleId } = useStore(view);
  const { vehicles, shipments } = useStore(world);
  const now = useStore(second);
  const vehicle = vehicleId === null ? undefined : vehicles.get(vehicleId);
  if (vehicle === undefined) return null;
  const { position } = vehicle;
  const aboard = [...shipments.values()].filter((shipment) => shipment.vehicle_id === vehicle.id);
  return (
    <aside class="vehicle-card" aria-label={`Vehicle ${vehicle.name}`}>
      <header>
        <strong>{vehicle.name}</strong>
        {vehicle.plate !== null && <span class="plate">{vehicle.plate}</span>}
        <button type="button" class="close" aria-label="Close" onClick={() => look({ vehicleId: null })}>
          ×
        </button>
      </header>
      {position === null ? (
        <p>No position yet.</p>
      ) : (
        <p>
          <Movement position={position} state={motionOf(position, now)} />
          <br />
          <span class="quiet">
            fix {age(position.ts, now)}
            {position.accuracy !== null && ` · ±${Math.round(position.accuracy)} m`} · {position.device_id}
          </span>
        </p>
      )}
      {aboard.length > 0 && (
        <ul>
          {aboard.slice(0, 4).map((shipment) => (
            <li key={shipment.id}>
              <button type="button" class="link" onClick={() => look({ tab: "shipments", shipmentId: shipment.id })}>
                {shipment.tracking_number}
              </button>{" "}
              {shipment.product_name}
            </li>
          ))}
          {aboard.length > 4 && <li class="quiet">and {aboard.length - 4} more</li>}
        </ul>
      )}
    </aside>
  );
}

function Movement({ position, state }: { position: Position; state: MotionState }) {
  return (
    <>
      <MotionMark state={state} /> {MOTION_WORDS[state]}
      {state === "moving" && ` · ${kilometresPerHour(position.speed)} ${compass(position.heading)}`}
    </>
  );
}
