import { MotionMark } from "../map/motion-mark.tsx";
import { motionOf } from "../map/truck-markers.ts";
import { currentTime } from "../state/clock.ts";
import { loaded, appData } from "../state/live.ts";
import type { Vehicle } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { close, openVehicle, vehicleKey } from "../state/navigation.ts";
import { view } from "../state/view.ts";
import { MOTION_LABELS, compassPoint, formatSpeed } from "../labels/movement.ts";
import { formatAge } from "../labels/times.ts";
import { useRowKeys } from "./controls/use-row-keys.ts";

/** The vehicles of the map as a table. */
export function Vehicles() {
  const { vehicles, shipments } = useStore(appData);
  const ready = useStore(loaded);
  const { vehicleId } = useStore(view);
  const now = useStore(currentTime);
  const sorted = [...vehicles.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  const rowKeys = useRowKeys(sorted.map(({ id }) => vehicleKey(id)));
  if (vehicles.size === 0) {
    return ready ? (
      <p class="empty">
        No vehicles yet. Add one with <code>POST /vehicles</code> and mount a GPS device on it.
      </p>
    ) : null;
  }
  const aboard = new Map<number, number>();
  for (const { vehicle_id: id } of shipments.values()) if (id !== null) aboard.set(id, (aboard.get(id) ?? 0) + 1);
  return (
    <table class="list vehicles">
      <caption class="hidden">Vehicles: the data of the map as a table</caption>
      <thead>
        <tr>
          <th scope="col">Vehicle</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Speed
          </th>
          <th scope="col" class="number">
            Shipments
          </th>
          <th scope="col" class="number">
            Fix
          </th>
        </tr>
      </thead>
      <tbody onKeyDown={rowKeys.onKeyDown}>
        {sorted.map((vehicle) => (
          <tr key={vehicle.id} class={vehicle.id === vehicleId ? "chosen" : ""}>
            <th scope="row">
              <button
                type="button"
                class="link opener"
                aria-pressed={vehicle.id === vehicleId}
                {...rowKeys.opener(vehicleKey(vehicle.id))}
                onClick={() => (vehicle.id === vehicleId ? close("vehicle") : openVehicle(vehicle.id))}
              >
                {vehicle.name}
              </button>{" "}
              {vehicle.plate !== null && <span class="plate">{vehicle.plate}</span>}
            </th>
            <Movement vehicle={vehicle} now={now} />
            <td class="number">{aboard.get(vehicle.id) ?? 0}</td>
            <td class="number age">{formatAge(vehicle.position?.received_at ?? null, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Movement({ vehicle: { position }, now }: { vehicle: Vehicle; now: number }) {
  if (position === null) {
    return (
      <>
        <td class="muted">No position</td>
        <td class="number muted">–</td>
      </>
    );
  }
  const state = motionOf(position, now);
  return (
    <>
      <td>
        <MotionMark state={state} /> {MOTION_LABELS[state]}
      </td>
      <td class="number">
        {/* the last known speed of a silent truck is not its current speed */}
        {formatSpeed(state === "silent" ? null : position.speed)}{" "}
        <span class="muted">{state === "moving" && compassPoint(position.heading)}</span>
      </td>
    </>
  );
}
