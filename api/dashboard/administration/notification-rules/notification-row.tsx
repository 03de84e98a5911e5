import { useEffect, useState } from "preact/hooks";
import { formatCount } from "../../labels/quantities.ts";
import { formatDateTime } from "../../labels/times.ts";
import { Deliveries } from "../../panels/alerts/sent-to.tsx";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useGet } from "../../panels/controls/use-load.ts";
import { useWrite } from "../../panels/controls/use-write.ts";
import { post, put, remove } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { NotificationRule } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { type Places, RuleRow } from "../rule-row.tsx";
import { NotificationForm } from "./notification-form.tsx";
import { WebhookSecrets } from "./webhook-secrets.tsx";
import { channelLabel, timingOf, typesOf } from "./notification-labels.ts";

interface NotificationRowProps {
  rule: NotificationRule;
  locations: Places;
  onChanged: () => void;
}

export function NotificationRow({ rule, locations, onChanged }: NotificationRowProps) {
  const where = useStore(timeZone);
  const path = `/notification-rules/${rule.id}` as const;
  return (
    <RuleRow
      {...{ rule, locations, onChanged }}
      note={`${channelLabel(rule.channel)}: ${rule.target}`}
      about={typesOf(rule)}
      whatNote={timingOf(rule)}
      before={rule.failing_since !== null && <span class="state warn">refused</span>}
      after={rule.waiting > 0 && <span class="state">{formatCount(rule.waiting)} waiting</span>}
      removal="What waits is not sent."
      onRemove={() => remove(path)}
    >
      {() => (
        <>
          {rule.failing_since !== null && (
            <p class="problem">
              Nothing is accepted since {formatDateTime(rule.failing_since, where)}: {rule.last_error}
            </p>
          )}
          <NotificationForm
            // Drawn anew with what the server has.
            key={rule.updated_at}
            label={`Change ${rule.name}`}
            action="Save"
            rule={rule}
            locations={locations}
            onSubmit={async (fields) => {
              await put(path, fields);
              onChanged();
            }}
          />
          {rule.channel === "webhook" && <WebhookSecrets of={path} />}
          <Sent ruleId={rule.id} />
        </>
      )}
    </RuleRow>
  );
}

/** What waits is looked at again so often, milliseconds: nobody tells this page of it. */
const LOOK_MS = 1_500;

/** What was sent by a rule, with a button that sends a test. */
function Sent({ ruleId }: { ruleId: number }) {
  const { busy, problem, run } = useWrite();
  const [version, setVersion] = useState(0);
  const loaded = useGet(`/notification-rules/${ruleId}/deliveries?limit=20`, version);
  const rows = loaded?.value ?? [];
  const isTesting = rows.some(({ kind, state }) => kind === "test" && state === "waiting");
  useEffect(() => {
    if (!isTesting) return;
    const timer = setInterval(() => setVersion((before) => before + 1), LOOK_MS);
    return () => clearInterval(timer);
  }, [isTesting]);
  async function test(): Promise<void> {
    await run(() => post(`/notification-rules/${ruleId}/test`, {}));
    setVersion((before) => before + 1);
  }
  return (
    <section aria-label="Sent">
      <h3>Sent</h3>
      <div class="actions">
        <button type="button" disabled={busy || isTesting} onClick={() => void test()}>
          Send a test
        </button>
      </div>
      <ProblemText problem={problem ?? loaded?.problem ?? null} />
      {loaded?.value?.length === 0 && <p class="empty">Nothing was sent yet.</p>}
      <Deliveries of={rows} />
    </section>
  );
}
