import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { formatCount } from "../../labels/quantities.ts";
import { post } from "../../state/client.ts";
import type { Device } from "../../state/resources.ts";
import { Action } from "../controls/action.tsx";
import { RecordForm } from "../controls/record-form.tsx";

/** Teaches a scale below a shelf what one piece weighs: somebody counts what lies on it now. */
export function Calibrate({ device }: { device: Device }) {
  const [learnt, setLearnt] = useState<Schemas["Calibration"]>();
  if (device.mount?.item_id === undefined) return null;
  return (
    <Action label="Calibrate">
      {() => (
        <>
          <RecordForm<Schemas["NewCalibration"]>
            label={`Calibrate ${device.id}`}
            action="Learn the weight of one"
            inline
            fields={[
              { name: "pieces", label: "Pieces on it now, counted by hand", type: "number", min: 1, required: true },
            ]}
            onSubmit={async (body) =>
              setLearnt(await post(`/devices/${encodeURIComponent(device.id)}/calibrate`, body))
            }
          />
          {learnt !== undefined && (
            <p role="status">
              One weighs {learnt.unit_weight_grams.toFixed(2)} g, from {formatCount(learnt.readings)} readings. Counts
              are reliable up to {formatCount(learnt.max_reliable_count)}.
            </p>
          )}
        </>
      )}
    </Action>
  );
}
