import { useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { formatCount } from "../../labels/quantities.ts";
import { eventLabel } from "../../labels/status-labels.ts";
import { formatDateTime } from "../../labels/times.ts";
import { get } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { appData } from "../../state/live.ts";
import type { Shipment } from "../../state/resources.ts";
import { mayAudit } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { Action } from "../controls/action.tsx";
import { ProblemText } from "../controls/problem-text.tsx";
import { useAll } from "../controls/use-load.ts";
import { useMay } from "../controls/use-person.ts";
import { useWrite } from "../controls/use-write.ts";

type Entry = Schemas["CustodyEntry"];
type Holder = Entry["to"];

/** In whose hands the shipment was, as it was written down: corrections are entries of their own. */
export const Custody = ({ shipment }: { shipment: Shipment }) => (
  <section class="custody" aria-label="Custody">
    <h3>Custody</h3>
    <CustodyCheck shipment={shipment} />
    <Action label="The log, entry by entry">{() => <CustodyLog shipment={shipment} />}</Action>
  </section>
);

function CustodyCheck({ shipment }: { shipment: Shipment }) {
  const mayExport = useMay(mayAudit);
  const [found, setFound] = useState<string | null>(null);
  const { busy, problem, run } = useWrite();
  async function check(): Promise<void> {
    setFound(null);
    await run(async () => setFound(wordsOf(await get(`/shipments/${shipment.id}/custody/check`))));
  }
  return (
    <p class="custody-actions">
      <button type="button" disabled={busy} onClick={() => void check()}>
        {busy ? "Checking …" : "Check the log"}
      </button>
      {mayExport && (
        <a
          href={`/shipments/${shipment.id}/custody?format=signed`}
          download={`custody-${shipment.tracking_number}.jws`}
        >
          Save it signed
        </a>
      )}
      <span role="status">{found}</span>
      <ProblemText problem={problem} />
    </p>
  );
}

function wordsOf({ intact, entries, broken_position: broken }: Schemas["CustodyCheck"]): string {
  if (intact) return `${formatCount(entries)} entries are as they were written.`;
  return `Entry ${broken ?? entries} was changed or removed.`;
}

function CustodyLog({ shipment }: { shipment: Shipment }) {
  const zone = useStore(timeZone);
  const { locations, vehicles } = useStore(appData);
  const loaded = useAll(`/shipments/${shipment.id}/custody`, shipment.updated_at);
  if (loaded === undefined) return <p class="empty">Loading the log …</p>;
  if (loaded.problem !== null) return <p class="problem">The log could not be loaded: {loaded.problem}</p>;
  const nameOf = ({ vehicle_id: vehicle, location_id: place }: Holder): string => {
    const where = place === null ? "on the way" : (locations.get(place)?.name ?? `location ${place}`);
    return vehicle === null ? where : `${vehicles.get(vehicle)?.name ?? `vehicle ${vehicle}`} (${where})`;
  };
  return (
    <ol class="custody-log">
      {loaded.value.map((entry) => (
        <li key={entry.position} class={entry.kind}>
          <p>
            {entry.position}. {kindWords(entry)}
            <strong>{eventLabel({ type: entry.event })}</strong>{" "}
            <time dateTime={entry.at}>{formatDateTime(entry.at, zone)}</time>
          </p>
          <p>
            {entry.from !== null && `${nameOf(entry.from)} → `}
            {nameOf(entry.to)}
            {driverWords(entry)}
            {entry.received_by !== null && `, taken by ${entry.received_by}`}
            {entry.attachments.map(({ id, kind, sha256 }) => (
              <span key={id}>
                , {kind} <code title={sha256}>{sha256.slice(0, 12)}</code>
              </span>
            ))}
          </p>
          {entry.reason !== null && <p>{entry.reason}</p>}
          <p class="muted">
            written {formatDateTime(entry.recorded_at, zone)} ·{" "}
            <code title={entry.hash}>{entry.hash.slice(0, 12)}</code>
          </p>
        </li>
      ))}
    </ol>
  );
}

/** Entries of earlier versions do not know who drove. */
function driverWords({ driver }: Entry): string {
  if (!driver) return "";
  return `, driven by ${driver.name}${driver.basis === "planned" ? " (by the plan of the trip)" : " (signed on)"}`;
}

function kindWords({ kind, corrects }: Entry): string {
  if (kind === "recorded") return "";
  return kind === "corrected" ? `Corrects ${corrects}: ` : `Withdraws ${corrects}: `;
}
