import { useState } from "preact/hooks";
import { Action } from "../../panels/controls/action.tsx";
import { RecordForm } from "../../panels/controls/record-form.tsx";
import { useLoad } from "../../panels/controls/use-load.ts";
import { post } from "../../state/client.ts";
import type { RefusedMessage } from "../../state/resources.ts";
import { ConnectBox } from "../devices/connect-box.tsx";
import {
  type DeviceWithSecret,
  KINDS,
  type NewDeviceForm,
  newDeviceFields,
  newDeviceOf,
} from "../devices/device-fields.ts";
import { loadPlaces } from "../devices/load-places.ts";

/** Registers the device that a message came from, has the message tried again, and shows the secret. */
export function RegisterDevice({ message }: { message: RefusedMessage }) {
  const [added, setAdded] = useState<DeviceWithSecret>();
  if (added !== undefined) return <ConnectBox device={added} secret={added.secret} isOpen />;
  return (
    <Action label={`Register ${message.device_id}`}>
      {() => <RegisterForm message={message} onAdded={setAdded} />}
    </Action>
  );
}

/** The kind of reading that a topic such as `devices/{id}/gps` names, as the kind of device that sends it. */
function kindOf(topic: string): string | undefined {
  const kind = topic.split("/")[2];
  return KINDS.some(([name]) => name === kind) ? kind : undefined;
}

interface RegisterFormProps {
  message: RefusedMessage;
  onAdded: (device: DeviceWithSecret) => void;
}

function RegisterForm({ message, onAdded }: RegisterFormProps) {
  const places = useLoad("places", null, loadPlaces);
  if (places === undefined) return <p class="empty">Loading …</p>;
  if (places.problem !== null) return <p class="problem">The places could not be loaded: {places.problem}</p>;
  const known: Record<string, unknown> = { id: message.device_id, kind: kindOf(message.topic) };
  return (
    <RecordForm<NewDeviceForm>
      label={`Register ${message.device_id}`}
      action="Register and show its secret"
      fields={(chosen) =>
        newDeviceFields(places.value, chosen).map((field) => ({ ...field, value: known[field.name] ?? field.value }))
      }
      onSubmit={async (form) => {
        const device = await post("/devices", newDeviceOf(form));
        await post(`/quarantine/${message.id}/retry`, {});
        onAdded(device);
      }}
    />
  );
}
