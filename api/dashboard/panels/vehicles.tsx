import { MotionMark } from "../map/motion-mark.tsx";
import { motionOf } from "../map/motion.ts";
import { second } from "../state/clock.ts";
import { loaded, world } from "../state/live.ts";
import type { Vehicle } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { look, view } from "../state/view.ts";
import { MOTION_WORDS, compass, kilometresPerHour } from "../labels/movement.ts";
import { age } from "../labels/times.ts";

/** The table twin of the map: the same vehicles, the same facts, without the picture. */
export function Vehicles() {
  const { vehicles, shipments } = useStore(world);
  const ready = useStore(loaded);
  const { vehicleId } = useStore(view);
  const now = useStore(second);
  if (vehicles.size === 0) {
    return ready ? (
      <p class="empty">
        No vehicles yet. Add one with <code>POST /vehicles</code> and mount a GPS device on it.
      </p>
    ) : null;
  }
  const aboard = new Map<number, number>();
  for (const { vehicle_id: id } of shipments.values()) if (id !== null) aboard.set(id, (aboard.get(id) ?? 0) + 1);
  const sorted = [...vehicles.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  return (
    <table class="list">
      <caption class="hidden">Vehicles: what the map shows, as a table</caption>
      <thead>
        <tr>
          <th scope="col">Vehicle</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Speed
          </th>
          <th scope="col" class="number">
            Aboard
          </th>
          <th scope="col" class="number">
            Fix
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((vehicle) => (
          <tr key={vehicle.id} class={vehicle.id === vehicleId ? "chosen" : ""}>
            <th scope="row">
              <button
                type="button"
                class="link"
                aria-pressed={vehicle.id === vehicleId}
                onClick={() => look({ vehicleId: vehicle.id === vehicleId ? null : vehicle.id })}
              >
                {vehicle.name}
              </button>{" "}
              {vehicle.plate !== null && <span class="plate">{vehicle.plate}</span>}
            </th>
            <Movement vehicle={vehicle} now={now} />
            <td class="number">{aboard.get(vehicle.id) ?? 0}</td>
            <td class="number age">{age(vehicle.position?.received_at ?? null, now)}</td>
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
        <td class="quiet">No position</td>
        <td class="number quiet">–</td>
      </>
    );
  }
  const state = motionOf(position, now);
  return (
    <>
      <td>
        <MotionMark state={state} /> {MOTION_WORDS[state]}
      </td>
      <td class="number">
        {/* the last speed of a truck not heard of is not its speed */}
        {kilometresPerHour(state === "silent" ? null : position.speed)}{" "}
        <span class="quiet">{state === "moving" && compass(position.heading)}</span>
      </td>
    </>
  );
}
