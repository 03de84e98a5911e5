import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { formatDateTime } from "../../labels/times.ts";
import { post, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { Shipment } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { CopyField } from "../controls/copy-field.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { RecordForm } from "../controls/record-form.tsx";
import { useAll } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";

/** Links by which customers follow a shipment without an account: made, copied, revoked. */
export function TrackingLinks({ shipment }: { shipment: Shipment }) {
  return useMay(mayHandle) ? <Links shipment={shipment} /> : null;
}

function Links({ shipment }: { shipment: Shipment }) {
  const where = useStore(timeZone);
  const [reads, setReads] = useState(0);
  const [made, setMade] = useState<Schemas["TrackingLinkShown"]>();
  const { busy, problem, run } = useWrite();
  const path = `/shipments/${shipment.id}/tracking-links` as const;
  const loaded = useAll(path, reads);
  const readAgain = () => setReads((before) => before + 1);
  return (
    <section aria-label="Tracking links" class="tracking-links">
      <h3>Tracking links</h3>
      {loaded?.problem && <p class="problem">They could not be loaded: {loaded.problem}</p>}
      <ul class="lines">
        {(loaded?.value ?? []).map(({ id, is_label: isLabel, created_at: at, expires_at: end }) => (
          <li key={id}>
            <span class="grow">
              {isLabel ? "In the QR code of its labels" : `Made ${formatDateTime(at, where)}`}{" "}
              <span class="muted">
                {end === null ? "until 30 days after it is closed" : `until ${formatDateTime(end, where)}`}
              </span>
            </span>
            <ConfirmButton
              label="Revoke"
              question={
                isLabel
                  ? "Labels that are printed already open nothing any more. Revoke it?"
                  : "Whoever has it sees nothing any more. Revoke it?"
              }
              disabled={busy}
              onConfirm={() => {
                if (made?.id === id) setMade(undefined);
                void run(() => remove(`/shipments/${shipment.id}/tracking-links/${id}`)).then(
                  (isDone) => isDone && readAgain(),
                );
              }}
            />
          </li>
        ))}
      </ul>
      {(loaded?.value ?? []).length > 1 && (
        <ConfirmButton
          label="Revoke all"
          question="Whoever has one of them sees nothing any more, and labels that are printed already open nothing. Revoke all?"
          disabled={busy}
          onConfirm={() => {
            setMade(undefined);
            void run(() => remove(path)).then((isDone) => isDone && readAgain());
          }}
        />
      )}
      <ProblemText problem={problem} />
      {made && (
        <div class="one-time-link" role="status">
          <p>Copy the link now: it is shown only now.</p>
          <CopyField name="link" value={made.url} />
          <a href={made.url} target="_blank" rel="noreferrer">
            Open it
          </a>
        </div>
      )}
      <Action label="Make a tracking link">
        {(onDone) => (
          <RecordForm<Schemas["NewTrackingLink"]>
            label="Make a tracking link"
            action="Make"
            inline
            fields={[{ name: "expires_at", label: "Until; empty: 30 days after it is closed", type: "time" }]}
            onSubmit={async (body) => {
              setMade(await post(path, body));
              readAgain();
              onDone();
            }}
          />
        )}
      </Action>
    </section>
  );
}
