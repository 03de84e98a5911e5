import { useEffect, useState } from "preact/hooks";
import { EntryRow } from "../../../administration/entry-row.tsx";
import { Removal } from "../../../administration/removal.tsx";
import { formatCount } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { post, put, remove } from "../../../state/client.ts";
import { serverNow, timeZone } from "../../../state/clock.ts";
import type { ErpConnection, ErpState } from "../../../state/resources.ts";
import { useStore } from "../../../state/store.ts";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useWrite } from "../../controls/use-write.ts";
import { Conflicts } from "./conflicts.tsx";
import { type Choices, ConnectionForm } from "./connection-form.tsx";
import { KINDS } from "./connection-kinds.ts";
import { Documents } from "./documents.tsx";

/** While both sides are brought in step the page looks again so often, milliseconds: nobody tells it. */
const LOOK_MS = 1_500;
/** It looks at least so often, whatever is known of when it is time, milliseconds. */
const MAX_LOOK_MS = 15_000;

const STATES: Record<ErpState["state"], readonly [text: string, isWrong: boolean]> = {
  off: ["off", false],
  working: ["at work", false],
  waiting: ["in step", false],
  failing: ["not in step", true],
  stopped: ["stopped", true],
};

interface ConnectionRowProps {
  connection: ErpConnection;
  state: ErpState;
  locations: Choices;
  onChanged: () => void;
}

/** A connection as one line of a list, which opens to see to what is not agreed on, and to change or remove it. */
export function ConnectionRow({ connection, state, locations, onChanged }: ConnectionRowProps) {
  const where = useStore(timeZone);
  const { busy, problem, run } = useWrite();
  const [said, setSaid] = useState("");
  const path = `/erp/connections/${connection.id}` as const;
  const [text, isWrong] = STATES[state.state];
  useEffect(() => {
    if (state.state === "off" || state.state === "stopped") return;
    const inMs = state.state === "working" ? 0 : Date.parse(state.next_sync_at) - serverNow();
    const timer = setInterval(onChanged, Math.min(Math.max(inMs, LOOK_MS), MAX_LOOK_MS));
    return () => clearInterval(timer);
  }, [state]);
  const waiting = state.documents.reduce((sum, each) => sum + (each.direction === "out" ? each.waiting : 0), 0);
  return (
    <EntryRow
      id={connection.id}
      who={connection.name}
      whoNote={connection.url}
      what={KINDS[connection.kind]}
      whatNote={
        state.last_synced_at === null
          ? "never in step yet"
          : `last in step ${formatDateTime(state.last_synced_at, where)}`
      }
      states={
        <>
          <span class={isWrong ? "state warn" : "state"}>{text}</span>
          {state.conflicts > 0 && <span class="state warn">{formatCount(state.conflicts)} to decide</span>}
          {state.differences > 0 && <span class="state warn">{formatCount(state.differences)} levels differ</span>}
          {waiting > 0 && <span class="state">{formatCount(waiting)} to be told</span>}
        </>
      }
    >
      {() => (
        <>
          {state.problem !== null && (
            <p class="problem">
              {state.failing_since !== null && `Since ${formatDateTime(state.failing_since, where)}: `}
              {state.problem}
              {state.state === "stopped" &&
                ". It is not tried again by itself: change it below, or bring it in step now."}
            </p>
          )}
          <div class="actions">
            <button
              type="button"
              disabled={busy}
              onClick={() => void run(() => post(`${path}/sync`, {})).then(onChanged)}
            >
              Bring in step now
            </button>
            <button
              type="button"
              disabled={busy}
              onClick={() =>
                void run(async () => {
                  const { ok, message } = await post(`${path}/test`, {});
                  setSaid(ok ? `It answers: ${message}` : message);
                })
              }
            >
              Test the connection
            </button>
            <span role="status">{said}</span>
          </div>
          <ProblemText problem={problem} />
          <Conflicts
            connection={connection}
            version={`${state.conflicts}/${state.differences}`}
            onChanged={onChanged}
          />
          <Documents connection={connection} state={state} />
          <details>
            <summary>Change the connection</summary>
            <ConnectionForm
              // Drawn anew with what the server has.
              key={connection.updated_at}
              label={`Change ${connection.name}`}
              action="Save"
              {...{ connection, locations }}
              onSubmit={async (fields) => {
                await put(path, fields);
                onChanged();
              }}
            />
          </details>
          <Removal
            question="What is known of its documents goes; the documents stay on both sides. Remove this connection?"
            remove={() => remove(path)}
            onChanged={onChanged}
          />
        </>
      )}
    </EntryRow>
  );
}
