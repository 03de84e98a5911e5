import { formatDateTime } from "../../labels/times.ts";
import { timeZone } from "../../state/clock.ts";
import type { Alert, NotificationDelivery } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { useGet } from "../controls/use-load.ts";

const KINDS: Record<NotificationDelivery["kind"], string> = {
  alert: "",
  digest: "gathered",
  escalation: "as nobody had acknowledged it",
  test: "a test",
};

/** To whom an alert was sent. @param version another one: it is read again */
export function SentTo({ alert, version }: { alert: Alert; version: number | undefined }) {
  const loaded = useGet(`/alerts/${alert.id}/deliveries?limit=200`, version);
  if (loaded === undefined || loaded.value?.length === 0) return null;
  return (
    <section aria-label="Sent to">
      <h3>Sent to</h3>
      {loaded.problem !== null && <p class="problem">{loaded.problem}</p>}
      <Deliveries of={loaded.value ?? []} />
    </section>
  );
}

/** Messages, to whom they went, and what the other side said. */
export function Deliveries({ of }: { of: readonly NotificationDelivery[] }) {
  const where = useStore(timeZone);
  return (
    <ol class="alert-history">
      {of.map((delivery) => (
        <li key={delivery.id}>
          <span class="age">
            {formatDateTime(delivery.sent_at ?? delivery.attempted_at ?? delivery.created_at, where)}
          </span>{" "}
          {delivery.target} <span class="muted">{delivery.rule_name}</span>{" "}
          <span class={`state ${delivery.state === "failed" ? "warn" : ""}`}>{stateOf(delivery)}</span>
          {KINDS[delivery.kind] !== "" && <span class="muted"> {KINDS[delivery.kind]}</span>}
          {delivery.response !== null && <span class="muted"> · {delivery.response}</span>}
        </li>
      ))}
    </ol>
  );
}

function stateOf({ state, attempts }: NotificationDelivery): string {
  if (state === "waiting") return attempts === 0 ? "waits" : `refused ${attempts === 1 ? "once" : `${attempts} times`}`;
  return state === "cancelled" ? "not sent" : state;
}
