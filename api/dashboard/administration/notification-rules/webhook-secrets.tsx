import { useState } from "preact/hooks";
import { formatDateTime } from "../../labels/times.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useGet } from "../../panels/controls/use-load.ts";
import { useWrite } from "../../panels/controls/use-write.ts";
import { post, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../../panels/controls/confirm-button.tsx";
import { SecretBox } from "../secret-box.tsx";

/** The secrets that sign what a webhook gets: a new one is issued, and the one before is ended when the receiver knows the new one. */
export function WebhookSecrets({ of }: { of: `/notification-rules/${number}` | `/webhooks/${number}` }) {
  const { busy, problem, run } = useWrite();
  const where = useStore(timeZone);
  const [version, setVersion] = useState(0);
  const [made, setMade] = useState<string>();
  const loaded = useGet(`${of}/secrets`, version);
  const secrets = loaded?.value ?? [];
  const change = (work: () => Promise<unknown>) => void run(work).then(() => setVersion((before) => before + 1));
  return (
    <section aria-label="Signing secrets">
      <h3>Signing secrets</h3>
      <p class="muted">Each of these signs what is sent. At most two are valid: a third one ends the oldest.</p>
      {made !== undefined && (
        <SecretBox label="The new secret signs from now on." values={[["Signing secret", made]]} />
      )}
      <ul class="sessions">
        {secrets.map(({ id, created_at: since }) => (
          <li key={id}>
            <span>issued {formatDateTime(since, where)}</span>
            {secrets.length > 1 && (
              <ConfirmButton
                label="End"
                question="A receiver that knows only this one takes nothing any longer. End it?"
                disabled={busy}
                onConfirm={() => change(() => remove(`${of}/secrets/${id}`))}
              />
            )}
          </li>
        ))}
      </ul>
      <div class="actions">
        <button
          type="button"
          disabled={busy}
          onClick={() => change(async () => setMade((await post(`${of}/secrets`, {})).secret))}
        >
          Issue a new secret
        </button>
      </div>
      <ProblemText problem={problem ?? loaded?.problem ?? null} />
    </section>
  );
}
