import { useState } from "preact/hooks";
import { plainLabel } from "../../labels/status-labels.ts";
import { formatAge } from "../../labels/times.ts";
import { formText } from "../../panels/controls/form-text.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useQuarantine } from "../../panels/devices/use-quarantine.ts";
import { getAll } from "../../state/client.ts";
import { currentTime } from "../../state/clock.ts";
import type { RefusedMessage } from "../../state/resources.ts";
import { useStore } from "../../state/store.ts";
import { ConfirmButton } from "../../panels/controls/confirm-button.tsx";
import { EntryPage } from "../entry-page.tsx";
import { EntryRow } from "../entry-row.tsx";
import { payloadText } from "./payload.ts";
import { RegisterDevice } from "./register-device.tsx";

const PAGE_SIZE = 100;
/** Why a message of a device that nobody has registered is in quarantine. */
const UNKNOWN_DEVICE = "unknown-device";

interface Filter {
  device: string;
  reason: string;
}
const NO_FILTER: Filter = { device: "", reason: "" };

/** Messages that were not taken, newest first: of registered devices and of those that nobody has registered. */
export function Quarantine() {
  const [filter, setFilter] = useState(NO_FILTER);
  return (
    <>
      <FilterForm onFilter={setFilter} />
      <Messages key={`${filter.device}\n${filter.reason}`} filter={filter} />
    </>
  );
}

function FilterForm({ onFilter }: { onFilter: (filter: Filter) => void }) {
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => (formText(form, name) ?? "").trim();
    onFilter({ device: text("device"), reason: text("reason") });
  }
  return (
    <form
      class="inline-form"
      aria-label="Filter of the quarantine"
      onSubmit={submit}
      onReset={() => onFilter(NO_FILTER)}
    >
      <label>
        Device
        <input name="device" maxLength={128} autocomplete="off" placeholder="its id" />
      </label>
      <label>
        Reason
        <input name="reason" maxLength={64} autocomplete="off" list="quarantine-reasons" />
        <datalist id="quarantine-reasons">
          {[UNKNOWN_DEVICE, "not-json", "not-a-reading", "conflict", "implausible_time", "future"].map((reason) => (
            <option key={reason} value={reason} />
          ))}
        </datalist>
      </label>
      <button type="submit">Filter</button>
      <button type="button" onClick={() => onFilter({ device: "", reason: UNKNOWN_DEVICE })}>
        Unregistered devices
      </button>
      <button type="reset">Show all</button>
    </form>
  );
}

function Messages({ filter: { device, reason } }: { filter: Filter }) {
  const [shown, setShown] = useState(PAGE_SIZE);
  const query = new URLSearchParams({
    limit: String(PAGE_SIZE),
    ...(device !== "" && { device_id: device }),
    ...(reason !== "" && { reason }),
  }).toString();
  return (
    <EntryPage
      label="Quarantine"
      intro="What was sent and could not be taken as it was, with the reason. It was acknowledged, and is kept here for a time."
      empty="Nothing is in quarantine."
      of={query}
      upTo={shown}
      load={(signal) => getAll(`/quarantine?${query}`, shown, signal)}
      end={({ complete }) =>
        !complete && (
          <p>
            <button type="button" onClick={() => setShown((before) => before + PAGE_SIZE)}>
              Older messages
            </button>
          </p>
        )
      }
    >
      {({ rows }, onChanged) =>
        rows.map((message) => <Message key={message.id} message={message} onChanged={onChanged} />)
      }
    </EntryPage>
  );
}

function Message({ message, onChanged }: { message: RefusedMessage; onChanged: () => void }) {
  const now = useStore(currentTime);
  const { busy, problem, retry, drop } = useQuarantine(onChanged);
  return (
    <EntryRow
      id={message.id}
      who={message.device_id}
      whoNote={message.topic}
      what={plainLabel(message.reason)}
      whatNote={message.detail}
      states={<span class="muted">{formatAge(message.received_at, now)}</span>}
    >
      {() => (
        <>
          <Payload base64={message.payload_base64} />
          {message.reason === UNKNOWN_DEVICE && <RegisterDevice message={message} />}
          <div class="actions">
            <button type="button" disabled={busy} onClick={() => void retry(message.id)}>
              Try again
            </button>
            <ConfirmButton
              label="Delete"
              question="What it held is lost. Delete it?"
              disabled={busy}
              onConfirm={() => void drop(message.id)}
            />
          </div>
          <ProblemText problem={problem} />
        </>
      )}
    </EntryRow>
  );
}

function Payload({ base64 }: { base64: string }) {
  const { text, form, bytes, isCut } = payloadText(base64);
  return (
    <section aria-label="Payload">
      <p class="muted">
        Payload, {bytes} bytes of {form === "bytes" ? "no text, in hexadecimal" : form}
        {isCut && "; the beginning"}
      </p>
      <pre class="answer">{text}</pre>
    </section>
  );
}
