import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { formatGrams } from "../../labels/quantities.ts";
import { post } from "../../state/client.ts";
import { InlineForm } from "../controls/inline-form.tsx";
import { useAll } from "../controls/use-load.ts";

type Contents = { line: number; quantity: number }[];

interface PackFormProps {
  orderId: number;
  /** what goes into the box; undefined: all that was picked */
  contents?: Contents;
  action: string;
  onPacked: () => void;
}

/** Closes a box: what it weighs is compared with what is in it. */
export function PackForm({ orderId, contents, action, onPacked }: PackFormProps) {
  const [looks, setLooks] = useState(0);
  const scales = useAll("/packing-scales", String(looks))?.value ?? [];
  const [scaleId, setScaleId] = useState("");
  const scale = scales.find(({ id }) => id === scaleId);
  return (
    <InlineForm
      label={action}
      action={action}
      onSubmit={async (field) => {
        const [grams, packaging, reason] = [field("grams"), field("packaging"), field("reason")];
        const weighed = scaleId !== "" ? { scale_id: scaleId } : grams !== "" ? { grams: Number(grams) } : undefined;
        const weight = weighed && {
          ...weighed,
          ...(packaging !== "" && { packaging_grams: Number(packaging) }),
          ...(reason !== "" && { reason }),
        };
        const unit = { ...(contents && { contents }), ...(weight && { weight }) };
        await post(`/orders/${orderId}/pack`, { units: [unit] });
        onPacked();
      }}
    >
      <label>
        Scale
        <select
          name="scale"
          value={scaleId}
          onChange={(event) => {
            setScaleId(event.currentTarget.value);
            setLooks((before) => before + 1);
          }}
        >
          <option value="">–</option>
          {scales.map(({ id, name, location_name: place }) => (
            <option key={id} value={id}>
              {name ?? id}, {place}
            </option>
          ))}
        </select>
      </label>
      {scaleId === "" ? (
        <label>
          Weight, g
          <input name="grams" type="number" min={0.1} step="any" />
        </label>
      ) : (
        <p class="muted">
          {onScale(scale)}{" "}
          <button type="button" class="link" onClick={() => setLooks((before) => before + 1)}>
            Look again
          </button>
        </p>
      )}
      <label>
        Empty box, g
        <input name="packaging" type="number" min={0} step="any" />
      </label>
      <label>
        Why it differs
        <input name="reason" maxLength={255} autocomplete="off" />
      </label>
    </InlineForm>
  );
}

function onScale(scale: Schemas["PackingScale"] | undefined): string {
  if (scale === undefined) return "This scale is not there any more.";
  if (scale.weight_grams === null) return "It has not told a weight yet.";
  return `On it: ${formatGrams(scale.weight_grams)}${scale.stable === false ? ", not settled" : ""}.`;
}
