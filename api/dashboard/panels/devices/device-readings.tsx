import { useState } from "preact/hooks";
import { formatDateTime, formatTime } from "../../labels/times.ts";
import { getAll } from "../../state/client.ts";
import { serverNow, timeZone } from "../../state/clock.ts";
import type { Device } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useLoad } from "../controls/use-load.ts";

const MAX_READINGS = 200;
const HOUR_MS = 3_600_000;

/** What a device has measured in a span of time, oldest first. */
export const DeviceReadings = ({ device }: { device: Device }) => (
  <Action label="Readings">{() => <Readings device={device} />}</Action>
);

function Readings({ device }: { device: Device }) {
  const where = useStore(timeZone);
  const [query, setQuery] = useState(() => `from=${new Date(serverNow() - HOUR_MS).toISOString()}`);
  const path = `/devices/${encodeURIComponent(device.id)}/readings?limit=${MAX_READINGS}&${query}` as const;
  const loaded = useLoad(path, null, (signal) => getAll(path, MAX_READINGS, signal));
  const rows = loaded?.value?.rows ?? [];
  return (
    <>
      <RecordForm
        label="Span of readings"
        action="Show"
        inline
        fields={[
          { name: "from", label: "From; empty: an hour ago", type: "time" },
          { name: "to", label: "To; empty: now", type: "time" },
          { name: "aggregate", label: "Each, or by the hour", options: [["hour", "by the hour"]] },
        ]}
        onSubmit={async ({ from = new Date(serverNow() - HOUR_MS).toISOString(), ...span }) => {
          setQuery(new URLSearchParams({ from: String(from), ...(span as Record<string, string>) }).toString());
        }}
      />
      {loaded?.problem && <p class="problem">The readings could not be loaded: {loaded.problem}</p>}
      {loaded?.value && rows.length === 0 && <p class="muted">None in this time.</p>}
      {rows.length > 0 && (
        <ul class="readings" aria-label="Readings">
          {rows.map(({ ts, kind, ...content }, at) => (
            <li key={at}>
              <time dateTime={ts} title={formatDateTime(ts, where)}>
                {formatTime(ts, where)}
              </time>{" "}
              {kind} <code>{JSON.stringify(content)}</code>
            </li>
          ))}
        </ul>
      )}
      {loaded?.value?.complete === false && <p class="muted">The first {MAX_READINGS} of this time are listed.</p>}
    </>
  );
}
