import { useEffect, useState } from "preact/hooks";
import { post, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { BoundTag, Shipment } from "../../state/resources.ts";
import { mayHandle, mayManage } from "../../state/roles.ts";
import { session } from "../../state/session.ts";
import { useStore } from "../../state/store.ts";
import { formatDateTime, instantOf } from "../../labels/times.ts";
import { InlineForm } from "../controls/inline-form.tsx";
import { ConfirmButton } from "../controls/confirm-button.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useWrite } from "../controls/use-write.ts";
import { useAll } from "../controls/use-load.ts";

/** The RFID tags of a shipment with the time they have identified it, and a form to bind one more. */
export function ShipmentTags({ shipment }: { shipment: Shipment }) {
  const current = useStore(session);
  const zone = useStore(timeZone);
  const path = `/shipments/${shipment.id}/tags` as const;
  const loaded = useAll(path, shipment.updated_at);
  /** the answer to a change, which is newer than what was loaded before it */
  const [answer, setAnswer] = useState<BoundTag[] | null>(null);
  useEffect(() => setAnswer(null), [loaded]);
  const tags = answer ?? loaded?.value ?? [];

  async function bind(field: (name: string) => string): Promise<void> {
    const since = field("since");
    const from = since === "" ? {} : { since: instantOf(since, zone) };
    setAnswer(await post(path, { epc: field("epc"), ...from }));
  }

  const { busy, problem, run } = useWrite();
  async function unbind(epc: string): Promise<void> {
    if (await run(() => remove(`/shipments/${shipment.id}/tags/${encodeURIComponent(epc)}`)))
      setAnswer(tags.filter((tag) => tag.epc !== epc));
  }

  const mayUnbind = current.at === "signed-in" && mayManage(current.person);
  const isAllowed = current.at === "signed-in" && mayHandle(current.person);
  const failure = loaded?.problem ?? null;
  if (tags.length === 0 && !isAllowed && failure === null) return null;
  return (
    <section class="tags" aria-label="Tags">
      <h3>Tags</h3>
      {failure !== null && <p class="problem">The tags could not be loaded: {failure}</p>}
      <ul>
        {tags.map((tag) => (
          <li key={`${tag.epc} ${tag.since ?? ""}`}>
            <span class="code">{tag.epc}</span>{" "}
            <span class="muted">
              {tag.since === null ? "always" : `since ${formatDateTime(tag.since, zone)}`}
              {tag.until !== null && `, until ${formatDateTime(tag.until, zone)}`}
            </span>{" "}
            {mayUnbind && tag.handling_unit_id === null && (
              <ConfirmButton
                label="Not its tag"
                question="It never was a tag of this shipment, and what was read of it counts no more?"
                disabled={busy}
                onConfirm={() => void unbind(tag.epc)}
              />
            )}
          </li>
        ))}
      </ul>
      <ProblemText problem={problem} />
      {isAllowed && (
        <InlineForm label="Bind a tag" action="Bind" onSubmit={bind} empties>
          <label>
            EPC
            <input name="epc" required maxLength={256} placeholder="hex or urn:epc:…" />
          </label>
          <label>
            Since
            <input name="since" type="datetime-local" />
          </label>
        </InlineForm>
      )}
    </section>
  );
}
