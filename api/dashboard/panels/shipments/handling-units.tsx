import type { Schemas } from "../../../client/index.ts";
import { useState } from "preact/hooks";
import { formatDateTime } from "../../labels/times.ts";
import { post } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { Shipment } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { Action } from "../controls/action.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useAll } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";
import { UnitLabel } from "./papers.tsx";

/** The cases and pallets of a shipment, each in its parent; people pack and unpack them. */
export function HandlingUnits({ shipment }: { shipment: Shipment }) {
  const where = useStore(timeZone);
  const isAllowed = useMay(mayHandle);
  const [reads, setReads] = useState(0);
  const { busy, problem, run } = useWrite();
  const path = `/shipments/${shipment.id}/handling-units` as const;
  const loaded = useAll(path, `${reads} ${shipment.updated_at}`);
  const units = loaded?.value ?? [];
  const readAgain = () => setReads((before) => before + 1);
  if (units.length === 0 && !isAllowed && !loaded?.problem) return null;
  return (
    <section aria-label="Handling units">
      <h3>Handling units</h3>
      {loaded?.problem && <p class="problem">They could not be loaded: {loaded.problem}</p>}
      <ul class="lines">
        {units.map(({ id, sscc, parent, unpacked_at: unpackedAt }) => (
          <li key={id}>
            <span class="grow">
              <span class="code">{sscc}</span> {parent !== null && <span class="muted">in {parent}</span>}
            </span>
            {unpackedAt !== null && <span class="muted">unpacked {formatDateTime(unpackedAt, where)}</span>}
            {unpackedAt === null && <UnitLabel shipmentId={shipment.id} unitId={id} />}
            {unpackedAt === null && isAllowed && (
              <ConfirmButton
                label="Unpack"
                question="Its tag no longer speaks for the shipment. Unpack it?"
                disabled={busy}
                onConfirm={() =>
                  void run(() => post(`${path}/${id}/unpack`, {})).then((isDone) => isDone && readAgain())
                }
              />
            )}
          </li>
        ))}
      </ul>
      <ProblemText problem={problem} />
      {isAllowed && (
        <Action label="Add a handling unit">
          {(onDone) => (
            <RecordForm<Schemas["NewHandlingUnit"]>
              label="Add a handling unit"
              action="Add"
              inline
              fields={[
                { name: "sscc", label: "SSCC, or its tag", required: true, placeholder: "18 digits or urn:epc:…" },
                { name: "parent", label: "Packed in, its SSCC" },
                { name: "packed_at", label: "Packed since; empty: always", type: "time" },
                {
                  name: "contents",
                  label: "Contents, JSON",
                  type: "json",
                  placeholder: '[{"item_id": 1, "quantity": 12, "lot": "A1"}]',
                },
              ]}
              onSubmit={async (body) => {
                await post(path, body);
                onDone();
                readAgain();
              }}
            />
          )}
        </Action>
      )}
    </section>
  );
}
