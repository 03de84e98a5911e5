import { useEffect, useState } from "preact/hooks";
import { EntryPage } from "../../../administration/entry-page.tsx";
import { EntryRow } from "../../../administration/entry-row.tsx";
import { formatQuantity } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { getAll } from "../../../state/client.ts";
import { timeZone } from "../../../state/clock.ts";
import type { EpcisCapture } from "../../../state/resources.ts";
import { mayCapture, type Person } from "../../../state/roles.ts";
import { useStore } from "../../../state/store.ts";
import { CaptureForm } from "./capture-form.tsx";
import { CaptureResult } from "./capture-result.tsx";

const SHOWN = 200;
/** Captures are not part of the live stream. */
const REFRESH_MS = 1_000;

/** Documents of EPCIS 2.0 that other systems, or people, have sent: what became of them. */
export function Captures({ person }: { person: Person }) {
  const [reads, setReads] = useState(0);
  const again = () => setReads((before) => before + 1);
  return (
    <>
      {mayCapture(person) && <CaptureForm onSent={again} />}
      <h2>Captures of the last 30 days</h2>
      <EntryPage
        label="Captures"
        empty="No document was captured yet. Other systems send theirs to /epcis/capture."
        of="captures"
        upTo={reads}
        load={(signal) => getAll(`/epcis/capture?perPage=${SHOWN}`, SHOWN, signal)}
        end={({ rows }) => <Refresh isNeeded={rows.some(({ running }) => running)} onDue={again} />}
      >
        {({ rows }) => rows.map((each) => <CaptureRow key={each.captureID} of={each} />)}
      </EntryPage>
    </>
  );
}

/** Reads again while something runs. */
function Refresh({ isNeeded, onDue }: { isNeeded: boolean; onDue: () => void }) {
  useEffect(() => {
    if (!isNeeded) return;
    const timer = setInterval(onDue, REFRESH_MS);
    return () => clearInterval(timer);
  }, [isNeeded]);
  return null;
}

function CaptureRow({ of: capture }: { of: EpcisCapture }) {
  const where = useStore(timeZone);
  const { captureID, createdAt, events, captureErrorBehaviour: behaviour } = capture;
  return (
    <EntryRow
      id={captureID}
      who={formatQuantity(events, "event")}
      whoNote={formatDateTime(createdAt, where)}
      what={captureID}
      whatNote={behaviour === "rollback" ? "all events or none" : "what can be captured"}
      states={<State of={capture} />}
    >
      {() => <CaptureResult of={capture} />}
    </EntryRow>
  );
}

function State({ of: { running, success, added } }: { of: EpcisCapture }) {
  if (running) return <span class="state">waiting</span>;
  if (success) return <span class="state">captured</span>;
  return <span class="state warn">{(added ?? 0) > 0 ? "captured in part" : "not captured"}</span>;
}
