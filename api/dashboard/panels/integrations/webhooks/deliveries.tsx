import { useEffect, useState } from "preact/hooks";
import { formatCount } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { post } from "../../../state/client.ts";
import { serverNow, timeZone } from "../../../state/clock.ts";
import type { Webhook, WebhookDelivery } from "../../../state/resources.ts";
import { useStore } from "../../../state/store.ts";
import { InlineForm } from "../../controls/inline-form.tsx";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useGet } from "../../controls/use-load.ts";
import { useWrite } from "../../controls/use-write.ts";
import { eventLabel } from "./event-choices.ts";

/** What waits is looked at again so often, milliseconds: nobody tells this page of it. */
const LOOK_MS = 1_500;
/** The same for what is not tried for longer than `SOON_MS`: it may be sent sooner, when the other side is back. */
const LATER_LOOK_MS = 15_000;
const SOON_MS = 60_000;

const STATES: Record<WebhookDelivery["state"], string> = {
  waiting: "waits",
  sent: "sent",
  failed: "given up",
  cancelled: "not sent",
};
type State = WebhookDelivery["state"] | "";

/** What was sent to a webhook and what was said, with the buttons that send a test, and that send events again. */
export function Deliveries({ webhook: { id, enabled } }: { webhook: Webhook }) {
  const { busy, problem, run } = useWrite();
  const where = useStore(timeZone);
  const [version, setVersion] = useState(0);
  const [state, setState] = useState<State>("");
  const [said, setSaid] = useState("");
  const loaded = useGet(`/webhooks/${id}/deliveries?limit=50${state === "" ? "" : `&state=${state}`}`, version);
  const rows = loaded?.value ?? [];
  const look = () => setVersion((before) => before + 1);
  const everyMs = lookAgainMs(rows);
  useEffect(() => {
    if (everyMs === undefined) return;
    const timer = setInterval(look, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  async function replayed(wanted: { since?: string; delivery_ids?: number[] }): Promise<void> {
    const { replayed: count } = await post(`/webhooks/${id}/replay`, wanted);
    setSaid(count === 0 ? "There is nothing to send again." : `${formatCount(count)} sent again.`);
    look();
  }
  const replay = (wanted: { delivery_ids?: number[] }) => run(() => replayed(wanted));
  return (
    <section aria-label="Deliveries">
      <h3>Deliveries</h3>
      <div class="actions">
        <button
          type="button"
          disabled={busy}
          onClick={() => void run(() => post(`/webhooks/${id}/test`, {})).then(look)}
        >
          Send a test
        </button>
        <button type="button" disabled={busy || !enabled} onClick={() => void replay({})}>
          Send again what was given up
        </button>
        <label>
          Show{" "}
          <select value={state} onChange={(event) => setState(event.currentTarget.value as State)}>
            <option value="">all</option>
            {Object.entries(STATES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {enabled && (
        <InlineForm
          label="Send again what has happened since"
          action="Send again"
          onSubmit={(field) => replayed({ since: new Date(field("since")).toISOString() })}
        >
          <label>
            All events since
            <input name="since" type="datetime-local" required />
          </label>
        </InlineForm>
      )}
      <p role="status">{said}</p>
      <ProblemText problem={problem ?? loaded?.problem ?? null} />
      {loaded?.value?.length === 0 && <p class="empty">Nothing was sent yet.</p>}
      <ol class="alert-history">
        {rows.map((row) => (
          <li key={row.id}>
            <span class="age">{formatDateTime(row.sent_at ?? row.attempted_at ?? row.created_at, where)}</span>{" "}
            {row.kind === "test" ? "a test" : eventLabel(row.type)} <code>{row.event_id}</code>{" "}
            <span class={`state ${row.state === "failed" ? "warn" : ""}`}>{stateText(row)}</span>
            {row.kind === "replay" && <span class="muted"> sent again</span>}
            {row.state === "waiting" && row.attempts > 0 && (
              <span class="muted"> · next attempt {formatDateTime(row.due_at, where)}</span>
            )}
            {row.response !== null && <span class="muted"> · {row.response}</span>}{" "}
            {enabled && row.kind !== "test" && (
              <button
                type="button"
                class="link"
                disabled={busy}
                onClick={() => void replay({ delivery_ids: [row.id] })}
              >
                Send again
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

/** How long until these are looked at again, milliseconds; undefined: nothing waits. */
function lookAgainMs(rows: readonly WebhookDelivery[]): number | undefined {
  const waiting = rows.filter(({ state }) => state === "waiting");
  if (waiting.length === 0) return undefined;
  return waiting.some(({ due_at }) => Date.parse(due_at) - serverNow() < SOON_MS) ? LOOK_MS : LATER_LOOK_MS;
}

function stateText({ state, attempts }: WebhookDelivery): string {
  if (state !== "waiting" || attempts === 0) return STATES[state];
  return `refused ${attempts === 1 ? "once" : `${attempts} times`}`;
}
