import type { Schemas } from "../../../client/index.ts";
import { formatAge } from "../../labels/times.ts";
import { DEVICE_LABELS } from "../../labels/status-labels.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { RecordForm } from "../../panels/controls/record-form.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import { put, remove } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import type { Device, Mount } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../../panels/controls/confirm-button.tsx";
import { EntryRow } from "../entry-row.tsx";
import { DeviceCommands } from "./device-commands.tsx";
import { DeviceCredentials } from "./device-credentials.tsx";
import { deviceChangeFields, type MountForm, mountFields, mountOf, type Places } from "./device-fields.ts";

interface DeviceRowProps {
  device: Device;
  places: Places;
  onChanged: () => void;
}

/** One device: a line, which opens to change it, connect it and command it. */
export function DeviceRow({ device, places, onChanged }: DeviceRowProps) {
  const path = `/devices/${encodeURIComponent(device.id)}` as const;
  return (
    <EntryRow
      id={device.id}
      who={device.name ?? device.id}
      whoNote={device.name === null ? null : device.id}
      what={DEVICE_LABELS[device.kind] ?? device.kind}
      whatNote={mountText(device.mount, places)}
      states={<DeviceState device={device} path={path} onChanged={onChanged} />}
    >
      {() => (
        <>
          <RecordForm<Schemas["DeviceChange"]>
            // Drawn anew with what the server has.
            key={`${device.updated_at} fields`}
            label={`Change ${device.id}`}
            action="Save"
            isChange
            fields={deviceChangeFields(device, places)}
            onSubmit={async (change) => {
              await put(path, change);
              onChanged();
            }}
          />
          <RecordForm<MountForm>
            key={`${device.updated_at} mount`}
            label={`Mount ${device.id}`}
            action="Mount"
            fields={(chosen) => mountFields(places, device.mount, chosen)}
            onSubmit={async (body) => {
              await put(path, { mount: mountOf(body) });
              onChanged();
            }}
          />
          <DeviceCredentials device={device} path={path} />
          <DeviceCommands device={device} path={path} />
          <DeviceEnd device={device} path={path} onChanged={onChanged} />
        </>
      )}
    </EntryRow>
  );
}

function mountText(mount: Mount | null, { vehicles, locations }: Places): string {
  const nameIn = (choices: Places["vehicles"], id: number | undefined) => choices.find(([value]) => value === id)?.[1];
  if (mount?.vehicle_id !== undefined)
    return `on ${nameIn(vehicles, mount.vehicle_id) ?? `vehicle ${mount.vehicle_id}`}`;
  if (mount?.shipment_id !== undefined) return `on the goods of shipment ${mount.shipment_id}`;
  if (mount === null) return "not mounted";
  return `at ${nameIn(locations, mount.location_id) ?? `location ${mount.location_id}`}`;
}

interface DevicePartProps {
  device: Device;
  path: `/devices/${string}`;
  onChanged: () => void;
}

/** Where it stands; one that has registered itself waits for approval. */
function DeviceState({ device: { id, state, presence, last_seen_at: seen }, path, onChanged }: DevicePartProps) {
  const now = useStore(currentTime);
  const { busy, problem, run } = useWrite();
  async function approve(event: MouseEvent): Promise<void> {
    // The button lies in the line that opens the row.
    event.preventDefault();
    if (await run(() => put(path, { state: "active" }))) onChanged();
  }
  return (
    <>
      {state !== "active" && <span class={`state ${state === "pending" ? "warn" : ""}`}>{state}</span>}
      <span class={`presence ${presence}`}>{presence}</span>
      <span class="muted">{seen === null ? "never seen" : `seen ${formatAge(seen, now)}`}</span>
      {state === "pending" && (
        <button type="button" disabled={busy} aria-label={`Approve ${id}`} onClick={(event) => void approve(event)}>
          Approve
        </button>
      )}
      <ProblemText problem={problem} />
    </>
  );
}

function DeviceEnd({ device, path, onChanged }: DevicePartProps) {
  const { busy, problem, run } = useWrite();
  return (
    <section aria-label={`End of ${device.id}`}>
      <div class="actions">
        <a href={`#/?tab=devices&device=${encodeURIComponent(device.id)}`}>
          Its quality, readings and refused messages
        </a>
        <ConfirmButton
          label="Remove"
          question="Its readings are kept, its secrets end. Remove it?"
          disabled={busy}
          onConfirm={() => void run(() => remove(path)).then((isDone) => isDone && onChanged())}
        />
      </div>
      <ProblemText problem={problem} />
    </section>
  );
}
