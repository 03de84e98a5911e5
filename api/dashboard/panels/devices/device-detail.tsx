import { currentTime } from "../../state/clock.ts";
import { appData, loaded } from "../../state/live.ts";
import { useStore } from "../../state/store.ts";
import { DEVICE_LABELS } from "../../labels/status-labels.ts";
import { formatAge } from "../../labels/times.ts";
import { DetailFrame, NotFound } from "../controls/detail-frame.tsx";
import { useFound } from "../controls/use-found.ts";
import { Facts } from "../controls/facts.tsx";
import { Calibrate } from "./calibrate.tsx";
import { DeviceReadings } from "./device-readings.tsx";
import { DeviceQualityDetail } from "./device-quality.tsx";
import { mountedOn } from "./devices.tsx";
import { ShelfScale } from "./shelf-scale.tsx";

/** One device: what it is, what it sent and how well, what is wrong with it, and what of it was refused. */
export function DeviceDetail({ id }: { id: string }) {
  const data = useStore(appData);
  const now = useStore(currentTime);
  const found = useFound(data.devices.get(id), `/devices/${encodeURIComponent(id)}`);
  if (!useStore(loaded) || found === undefined) return null;
  if (found.problem !== null) return <NotFound label={`Device ${id}`} problem={found.problem} />;
  const device = found.value;
  return (
    <DetailFrame label={`Device ${id}`}>
      <h2>{device.name ?? device.id}</h2>
      {device.name !== null && <p class="code">{device.id}</p>}
      <Facts
        of={[
          ["Kind", DEVICE_LABELS[device.kind] ?? device.kind],
          ["Format", device.decoder],
          ["Mounted on", mountedOn(device, data)],
          ["Presence", <span class={`presence ${device.presence}`}>{device.presence}</span>],
          ["Last seen", formatAge(device.last_seen_at, now)],
          ["State", device.state],
        ]}
      />
      <DeviceQualityDetail device={device} />
      <ShelfScale device={device} />
      <Calibrate device={device} />
      <DeviceReadings device={device} />
    </DetailFrame>
  );
}
