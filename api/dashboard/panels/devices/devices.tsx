import { currentTime } from "../../state/clock.ts";
import { loaded, appData } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Device } from "../../state/resources.ts";
import { mayManage, type Person } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import type { AppData } from "../../state/app-data.ts";
import { formatAge } from "../../labels/times.ts";
import { DEVICE_LABELS } from "../../labels/status-labels.ts";
import { ExportLink } from "../controls/export-link.tsx";
import { useRowKeys } from "../controls/use-row-keys.ts";

const PRESENCE_ORDER = { offline: 0, unknown: 1, online: 2 } as const;

export function mountedOn({ mount }: Device, { vehicles, locations }: AppData): string {
  if (mount?.vehicle_id !== undefined) return vehicles.get(mount.vehicle_id)?.name ?? `vehicle ${mount.vehicle_id}`;
  if (mount?.location_id !== undefined)
    return locations.get(mount.location_id)?.name ?? `location ${mount.location_id}`;
  return "not mounted";
}

/** All devices: offline first, then those of unknown presence, then online. */
export function Devices({ person }: { person: Person }) {
  const known = useStore(appData);
  const ready = useStore(loaded);
  const now = useStore(currentTime);
  const sorted = [...known.devices.values()].sort(
    (a, b) =>
      PRESENCE_ORDER[a.presence] - PRESENCE_ORDER[b.presence] || a.id.localeCompare(b.id, "en", { numeric: true }),
  );
  const rowKeys = useRowKeys(sorted.map(({ id }) => detailKey({ kind: "device", id })));
  if (!mayManage(person)) return <p class="empty">Only managers and administrators can see devices.</p>;
  if (known.devices.size === 0) {
    return ready ? (
      <p class="empty">
        No devices yet. Add one with <code>POST /devices</code>; the answer holds its secret for MQTT.
      </p>
    ) : null;
  }
  return (
    <>
      <p class="list-tools">
        <ExportLink href="/exports/devices.csv" />
      </p>
      <table class="list">
        <caption class="hidden">Devices</caption>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Mounted on</th>
            <th scope="col">Presence</th>
            <th scope="col" class="number">
              Last seen
            </th>
          </tr>
        </thead>
        <tbody onKeyDown={rowKeys.onKeyDown}>
          {sorted.map((device) => (
            <tr key={device.id}>
              <th scope="row">
                <button
                  type="button"
                  class="link opener"
                  {...rowKeys.opener(detailKey({ kind: "device", id: device.id }))}
                  onClick={() => openDetail({ kind: "device", id: device.id })}
                >
                  {device.name ?? device.id}
                </button>
                <span class="kind">{DEVICE_LABELS[device.kind] ?? device.kind}</span>
              </th>
              <td>{mountedOn(device, known)}</td>
              <td>
                <span class={`presence ${device.presence}`}>{device.presence}</span>
              </td>
              <td class="number age">{formatAge(device.last_seen_at, now)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
