import { formatDateTime } from "../../../labels/times.ts";
import { remove } from "../../../state/client.ts";
import { timeZone } from "../../../state/clock.ts";
import type { EpcisSubscription } from "../../../state/resources.ts";
import { useStore } from "../../../state/store.ts";
import { ConfirmButton } from "../../controls/confirm-button.tsx";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useWrite } from "../../controls/use-write.ts";

const STATES: Record<EpcisSubscription["state"], string> = {
  active: "active",
  failing: "not accepted",
  ended: "ended by its receiver",
};

/** Who is told, when, and whether it is accepted. */
export function SubscriptionRow({
  subscription,
  onChanged,
}: {
  subscription: EpcisSubscription;
  onChanged: () => void;
}) {
  const { busy, problem, run } = useWrite();
  const where = useStore(timeZone);
  const {
    subscriptionID: id,
    queryName,
    dest,
    schedule,
    state,
    lastNotifiedAt,
    failingSince,
    lastResponse,
  } = subscription;
  const path = `/epcis/queries/${encodeURIComponent(queryName)}/subscriptions/${id}` as const;
  return (
    <li>
      <strong>{dest}</strong> <span class={`state ${state === "active" ? "" : "warn"}`}>{STATES[state]}</span>
      <p class="muted">
        {schedule === undefined
          ? "each event as soon as it is recorded"
          : `by a schedule in UTC: ${Object.entries(schedule)
              .map(([field, value]) => `${field} ${value}`)
              .join(", ")}`}
        {lastNotifiedAt !== undefined && ` · told last ${formatDateTime(lastNotifiedAt, where)}`}
      </p>
      {failingSince !== undefined && (
        <p class="problem">
          Nothing is accepted since {formatDateTime(failingSince, where)}: {lastResponse}. Nothing is lost: it is tried
          again.
        </p>
      )}
      {state === "ended" && <p class="problem">{lastResponse}</p>}
      <ConfirmButton
        label="End"
        question="Nothing more is sent there. End this subscription?"
        disabled={busy}
        onConfirm={() => void run(() => remove(path)).then((isDone) => isDone && onChanged())}
      />
      <ProblemText problem={problem} />
    </li>
  );
}
