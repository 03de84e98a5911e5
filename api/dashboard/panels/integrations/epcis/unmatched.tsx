import { useState } from "preact/hooks";
import { EntryPage } from "../../../administration/entry-page.tsx";
import { EntryRow } from "../../../administration/entry-row.tsx";
import type { Schemas } from "../../../../client/index.ts";
import { plainLabel } from "../../../labels/status-labels.ts";
import { formatAge } from "../../../labels/times.ts";
import { getAll, post } from "../../../state/client.ts";
import { currentTime } from "../../../state/clock.ts";
import { useStore } from "../../../state/store.ts";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useWrite } from "../../controls/use-write.ts";

type Meaning = Schemas["CapturedMeaning"];
const PAGE_SIZE = 100;

/** Captured events of partners that change nothing here, each with the reason. */
export function Unmatched() {
  const [shown, setShown] = useState(PAGE_SIZE);
  return (
    <EntryPage
      label="Captured events that are not matched"
      intro="What partners tell by EPCIS moves shipments here, when the things and places that it names are known. These events could not be matched. They are kept, and are looked at again when more is captured about the same things."
      empty="All captured events could be matched."
      of="unmatched"
      upTo={shown}
      load={(signal) => getAll(`/epcis/unmatched?limit=${PAGE_SIZE}`, shown, signal)}
      before={({ rows, complete }) =>
        rows.length > 0 && (
          <p role="status">
            {complete ? rows.length : `More than ${rows.length}`} {rows.length === 1 ? "event is" : "events are"} not
            matched.
          </p>
        )
      }
      end={({ complete }) =>
        !complete && (
          <p>
            <button type="button" onClick={() => setShown((before) => before + PAGE_SIZE)}>
              Older events
            </button>
          </p>
        )
      }
    >
      {({ rows }, onChanged) => rows.map((event) => <Row key={event.id} event={event} onChanged={onChanged} />)}
    </EntryPage>
  );
}

function Row({ event, onChanged }: { event: Meaning; onChanged: () => void }) {
  const now = useStore(currentTime);
  const { busy, problem, run } = useWrite();
  const { id, biz_step: step, event_type: type, captured_at: at, problem: reason, things } = event;
  const retry = () =>
    run(async () => {
      await post(`/epcis/unmatched/${id}/retry`, {});
      onChanged();
    });
  return (
    <EntryRow
      id={id}
      who={step === null ? type : plainLabel(step.replace(/^.*[-:]/, ""))}
      whoNote={type}
      what={reason ?? ""}
      whatNote={things.join(", ")}
      states={<span class="muted">{formatAge(at, now)}</span>}
    >
      {() => (
        <>
          <p>
            <a href={`/epcis/events/${encodeURIComponent(event.event_id)}`} target="_blank" rel="noreferrer">
              The event as it was captured
            </a>
          </p>
          <div class="actions">
            <button type="button" disabled={busy} onClick={() => void retry()}>
              Look again
            </button>
          </div>
          <ProblemText problem={problem} />
        </>
      )}
    </EntryRow>
  );
}
