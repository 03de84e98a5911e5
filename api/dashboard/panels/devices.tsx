import { second } from "../state/clock.ts";
import { loaded, mayReadDevices, world } from "../state/live.ts";
import type { Device, Person } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import type { World } from "../state/app-data.ts";
import { age } from "../labels/times.ts";
import { DEVICE_WORDS } from "../labels/status-labels.ts";

const PRESENCE_ORDER = { offline: 0, unknown: 1, online: 2 } as const;

function mountedOn({ mount }: Device, { vehicles, locations }: World): string {
  if (mount?.vehicle_id !== undefined) return vehicles.get(mount.vehicle_id)?.name ?? `vehicle ${mount.vehicle_id}`;
  if (mount?.location_id !== undefined)
    return locations.get(mount.location_id)?.name ?? `location ${mount.location_id}`;
  return "not mounted";
}

/** Devices, those that need a look first. */
export function Devices({ person }: { person: Person }) {
  const known = useStore(world);
  const ready = useStore(loaded);
  const now = useStore(second);
  if (!mayReadDevices(person)) return <p class="empty">Devices are shown to managers and administrators.</p>;
  if (known.devices.size === 0) {
    return ready ? (
      <p class="empty">
        No devices yet. Add one with <code>POST /devices</code>; the answer holds its secret for MQTT.
      </p>
    ) : null;
  }
  const sorted = [...known.devices.values()].sort(
    (a, b) =>
      PRESENCE_ORDER[a.presence] - PRESENCE_ORDER[b.presence] || a.id.localeCompare(b.id, "en", { numeric: true }),
  );
  return (
    <table class="list">
      <caption class="hidden">Devices</caption>
      <thead>
        <tr>
          <th scope="col">Device</th>
          <th scope="col">Mounted on</th>
          <th scope="col">Presence</th>
          <th scope="col" class="number">
            Heard
          </th>
        </tr>
      </thead>
      <tbody>
        {sorted.map((device) => (
          <tr key={device.id}>
            <th scope="row">
              {device.name ?? device.id}
              <span class="kind">{DEVICE_WORDS[device.kind] ?? device.kind}</span>
            </th>
            <td>{mountedOn(device, known)}</td>
            <td>
              <span class={`presence ${device.presence}`}>{device.presence}</span>
            </td>
            <td class="number age">{age(device.last_seen_at, now)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
