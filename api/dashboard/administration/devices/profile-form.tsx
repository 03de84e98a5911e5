import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { RecordForm } from "../../panels/controls/record-form.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import { put } from "../../state/client.ts";
import { PayloadFieldRow, type PayloadFieldText, textsOf, payloadFieldsOf } from "./payload-field-row.tsx";

type Profile = Schemas["DeviceProfile"];

/** Changes a profile: its name and quota, and what the fields of its devices' payloads are. */
export function ProfileForm({ profile, onChanged }: { profile: Profile; onChanged: () => void }) {
  return (
    <>
      <RecordForm<Schemas["DeviceProfileChange"]>
        key={`${profile.updated_at} name`}
        label={`Change ${profile.name}`}
        action="Save"
        isChange
        fields={[
          { name: "name", label: "Name", required: true, value: profile.name },
          {
            name: "quota",
            label: "How many devices may register",
            type: "number",
            min: 1,
            required: true,
            value: profile.quota,
          },
          { name: "active", label: "Devices may register with its key", type: "boolean", value: profile.active },
        ]}
        onSubmit={async (change) => {
          await put(`/device-profiles/${profile.id}`, change);
          onChanged();
        }}
      />
      <PayloadFields key={`${profile.updated_at} fields`} profile={profile} onChanged={onChanged} />
    </>
  );
}

/** What the values of a decoded payload are, one line each. Common names need none. */
function PayloadFields({ profile, onChanged }: { profile: Profile; onChanged: () => void }) {
  const [rows, setRows] = useState(() => textsOf(profile.payload_fields));
  const { busy, problem, run } = useWrite();
  const change = (at: number, row: PayloadFieldText) => setRows(rows.map((each, place) => (place === at ? row : each)));
  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const payload_fields = payloadFieldsOf(rows);
    if (await run(() => put(`/device-profiles/${profile.id}`, { payload_fields }))) onChanged();
  }
  return (
    <form
      class="payload-fields"
      aria-label={`Payload fields of ${profile.name}`}
      onSubmit={(event) => void save(event)}
    >
      <h3>Fields of the payload</h3>
      <p class="muted">
        For what ChirpStack, The Things Stack and Traccar forward. A reading is value × scale + offset. Common names
        such as temperature, humidity, battery (percent), latitude and longitude need no line.
      </p>
      {rows.map((row, at) => (
        <PayloadFieldRow
          key={row.key}
          row={row}
          onChange={(changed) => change(at, changed)}
          onRemove={() => setRows(rows.filter((each) => each !== row))}
        />
      ))}
      <div class="actions">
        <button
          type="button"
          onClick={() =>
            setRows([
              ...rows,
              { key: (rows.at(-1)?.key ?? 0) + 1, path: "", field: "env.celsius", scale: "", offset: "" },
            ])
          }
        >
          Add a field
        </button>
        <button type="submit" class="primary" disabled={busy}>
          Save the fields
        </button>
      </div>
      <ProblemText problem={problem} />
    </form>
  );
}
