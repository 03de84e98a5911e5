import type { Schemas } from "../../../client/index.ts";
import { useEffect, useState } from "preact/hooks";
import { formatDateTime } from "../../labels/times.ts";
import { RecordForm } from "../../panels/controls/record-form.tsx";
import { useLoad } from "../../panels/controls/use-load.ts";
import { getAll, post } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { Device } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";

const SHOWN = 10;
/** Answers come by MQTT: they are asked for while the row is open. */
const REFRESH_MS = 3000;

/** The newest commands of a device with its answers, and a form to send one. */
export function DeviceCommands({ device, path }: { device: Device; path: `/devices/${string}` }) {
  const where = useStore(timeZone);
  const [reads, setReads] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setReads((before) => before + 1), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const loaded = useLoad(path, reads, (signal) => getAll(`${path}/commands?limit=${SHOWN}`, SHOWN, signal));
  return (
    <section aria-label={`Commands to ${device.id}`}>
      <h3>Commands</h3>
      {loaded?.problem && <p class="problem">The commands could not be loaded: {loaded.problem}</p>}
      <ul class="lines">
        {loaded?.value?.rows.map(({ id, type, args, state, result, created_at }) => (
          <li key={id}>
            <span class="grow">
              <strong>{type}</strong> {Object.keys(args).length > 0 && <code>{JSON.stringify(args)}</code>}
            </span>
            <span class={`state ${state === "failed" || state === "expired" ? "warn" : ""}`}>
              {state}
              {result?.error !== undefined && `: ${result.error}`}
            </span>
            <span class="age">{formatDateTime(created_at, where)}</span>
          </li>
        ))}
      </ul>
      <RecordForm<Schemas["NewCommand"]>
        label={`Command to ${device.id}`}
        action="Send"
        inline
        empties
        fields={[
          {
            name: "type",
            label: "Command",
            required: true,
            pattern: "[a-z][a-z0-9_]{0,63}",
            placeholder: "tare, set_interval …",
          },
          { name: "args", label: "Arguments, JSON", type: "json", placeholder: '{"seconds": 30}' },
          { name: "expires_at", label: "Expires; empty: in an hour", type: "time" },
        ]}
        onSubmit={async (command) => {
          await post(`${path}/commands`, command);
          setReads((before) => before + 1);
        }}
      />
    </section>
  );
}
