import { post } from "../../state/client.ts";
import type { Alert } from "../../state/resources.ts";
import { mayHandle } from "../../state/roles.ts";
import { session } from "../../state/session.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { InlineForm } from "../controls/inline-form.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useGet } from "../controls/use-load.ts";
import { useWrite } from "../controls/use-write.ts";

const SNOOZES: readonly [minutes: number, label: string][] = [
  [30, "30 minutes"],
  [60, "an hour"],
  [240, "4 hours"],
  [1_440, "a day"],
  [10_080, "a week"],
];

/** What a person does about an alert. */
export function AlertActions({ alert }: { alert: Alert }) {
  const current = useStore(session);
  const { busy, problem, run } = useWrite();
  if (current.at !== "signed-in" || !mayHandle(current.person) || alert.state === "resolved") return null;
  const { person } = current;
  const path = `/alerts/${alert.id}` as const;
  return (
    <section aria-label="What to do">
      <div class="actions">
        {alert.state !== "acknowledged" && (
          <button type="button" class="primary" disabled={busy} onClick={() => void run(() => post(`${path}/ack`, {}))}>
            Acknowledge
          </button>
        )}
        {alert.assigned_to !== person.id && (
          <button
            type="button"
            disabled={busy}
            onClick={() => void run(() => post(`${path}/assign`, { user_id: person.id }))}
          >
            I see to it
          </button>
        )}
      </div>
      <ProblemText problem={problem} />
      <Action label="Resolve">
        {() => (
          <InlineForm
            label="Resolve"
            action="Resolve"
            onSubmit={(field) => post(`${path}/resolve`, field("note") === "" ? {} : { note: field("note") })}
          >
            <label>
              What was done
              <input name="note" maxLength={255} autocomplete="off" />
            </label>
          </InlineForm>
        )}
      </Action>
      <Action label="Snooze">
        {(onDone) => (
          <InlineForm
            label="Snooze"
            action="Snooze"
            onSubmit={async (field) => {
              await post(`${path}/snooze`, { minutes: Number(field("minutes")) });
              onDone();
            }}
          >
            <label>
              For
              <select name="minutes">
                {SNOOZES.map(([minutes, label]) => (
                  <option key={minutes} value={minutes}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
          </InlineForm>
        )}
      </Action>
      <Action label="Assign">{(onDone) => <AssignForm alert={alert} onDone={onDone} />}</Action>
    </section>
  );
}

interface AssignFormProps {
  alert: Alert;
  onDone: () => void;
}

function AssignForm({ alert, onDone }: AssignFormProps) {
  const people = useGet("/alerts/assignees?limit=200", 0);
  if (people === undefined) return <p class="empty">Loading …</p>;
  if (people.problem !== null) return <p class="problem">{people.problem}</p>;
  return (
    <InlineForm
      label="Assign"
      action="Assign"
      onSubmit={async (field) => {
        await post(`/alerts/${alert.id}/assign`, {
          user_id: field("user_id") === "" ? null : Number(field("user_id")),
        });
        onDone();
      }}
    >
      <label>
        To
        <select name="user_id">
          <option value="">nobody</option>
          {people.value.map(({ id, name }) => (
            <option key={id} value={id} selected={id === alert.assigned_to}>
              {name}
            </option>
          ))}
        </select>
      </label>
    </InlineForm>
  );
}
