import { useState } from "preact/hooks";
import { RecordForm } from "../../panels/controls/record-form.tsx";
import { getAll, post } from "../../state/client.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { ConnectBox } from "./connect-box.tsx";
import { type DeviceWithSecret, type NewDeviceForm, newDeviceFields, newDeviceOf } from "./device-fields.ts";
import { DeviceRow } from "./device-row.tsx";
import { loadPlaces } from "./load-places.ts";
import { ImportForm } from "./import-form.tsx";

/** Pending ones first: they wait for somebody. */
const ORDER: Record<string, number> = { pending: 0, active: 1, suspended: 2, retired: 3 };

/** All devices: add one, connect it, approve what has registered itself, rotate secrets, send commands. */
export function DevicesPage() {
  const [added, setAdded] = useState<DeviceWithSecret[]>([]);
  return (
    <EntryPage
      label="Devices"
      intro="A device is registered once and gets a secret. It sends its id as client id and user name, and its secret as password."
      empty="There are no devices yet."
      of="devices"
      load={async (signal) => {
        const [devices, places] = await Promise.all([
          getAll(`/devices?${PAGE_QUERY}`, MAX_ROWS, signal),
          loadPlaces(signal),
        ]);
        const byState = devices.rows.toSorted((a, b) => (ORDER[a.state] ?? 9) - (ORDER[b.state] ?? 9));
        return { rows: byState, places };
      }}
      added={added.map((device) => (
        <ConnectBox key={device.id} device={device} secret={device.secret} isOpen={added.length === 1} />
      ))}
      adding={[
        {
          label: "Add a device",
          form: (onDone, { places }) => (
            <RecordForm<NewDeviceForm>
              label="Add a device"
              action="Add and show its secret"
              fields={(chosen) => newDeviceFields(places, chosen)}
              onSubmit={async (form) => {
                setAdded([await post("/devices", newDeviceOf(form))]);
                onDone();
              }}
            />
          ),
        },
        {
          label: "Import a table",
          form: (onDone) => (
            <ImportForm
              onImported={(devices) => {
                setAdded(devices);
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, places }, onChanged) =>
        rows.map((device) => <DeviceRow key={device.id} device={device} places={places} onChanged={onChanged} />)
      }
    </EntryPage>
  );
}
