import { RecordForm } from "../../panels/controls/record-form.tsx";
import { post, postText } from "../../state/client.ts";
import type { DeviceWithSecret } from "./device-fields.ts";

const EXAMPLE = `id,kind,name,vehicle_id,location_id,item_id
tracker-8,gps,Van 8,8,,
scale-12,scale,Shelf 12,,3,40`;

/** Adds many devices from a table, all or none. */
export function ImportForm({ onImported }: { onImported: (devices: DeviceWithSecret[]) => void }) {
  return (
    <RecordForm
      label="Import devices"
      action="Import and show their secrets"
      fields={[
        {
          name: "table",
          label: "CSV with a line of column names, or a JSON array; at most 1,000 devices, all or none",
          type: "long",
          required: true,
          placeholder: EXAMPLE,
        },
      ]}
      onSubmit={async ({ table }) => {
        const text = String(table);
        const isJson = text.startsWith("[");
        onImported(
          isJson
            ? await post("/devices/import", JSON.parse(text))
            : await postText("/devices/import", "text/csv", text),
        );
      }}
    />
  );
}
