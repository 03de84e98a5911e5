import { useState } from "preact/hooks";
import { formatCount } from "../../labels/quantities.ts";
import { formatDateTime } from "../../labels/times.ts";
import { getAll } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import type { ImportReport, ImportSummary } from "../../state/resources.ts";
import type { Person } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { EntryPage, PAGE_QUERY } from "../entry-page.tsx";
import { EntryRow } from "../entry-row.tsx";
import { ImportForm } from "./import-form.tsx";
import { IMPORT_KINDS } from "./import-kinds.ts";
import { ImportResult } from "./import-result.tsx";

const SHOWN = 200;

/** Tables in and out: master data, devices, orders and stock. */
export function Imports({ person }: { person: Person }) {
  const [started, setStarted] = useState<ImportReport>();
  const [ended, setEnded] = useState(0);
  return (
    <>
      <ImportForm person={person} onStarted={setStarted} />
      {started !== undefined && (
        <div class="card">
          <ImportResult
            key={started.id}
            id={started.id}
            started={started}
            onEnded={() => setEnded((before) => before + 1)}
          />
        </div>
      )}
      <Exports />
      <h2>Imports of the last 30 days</h2>
      <EntryPage
        key={ended}
        label="Imports"
        empty="Nothing was imported yet."
        of="imports"
        load={(signal) => getAll(`/imports?${PAGE_QUERY}`, SHOWN, signal)}
      >
        {({ rows }) => rows.map((each) => <ImportRow key={each.id} of={each} />)}
      </EntryPage>
    </>
  );
}

const Exports = () => (
  <section aria-label="Exports">
    <h2>Export as CSV</h2>
    <p class="muted">What is exported and imported again changes nothing.</p>
    <p class="actions">
      <Download href="/exports/items.csv" label="Products" />
      <Download href="/exports/locations.csv" label="Locations" />
      <Download href="/exports/parties.csv" label="Parties" />
      <Download href="/exports/devices.csv" label="Devices" />
      <Download href="/exports/orders.csv" label="Orders" />
      <Download href="/exports/stock.csv" label="Stock" />
    </p>
  </section>
);

const Download = ({ href, label }: { href: string; label: string }) => (
  <a href={href} download>
    {label}
  </a>
);

function ImportRow({ of }: { of: ImportSummary }) {
  const where = useStore(timeZone);
  const { id, kind, file_name: fileName, state, dry_run: isDryRun, rows, refused, created_at: at } = of;
  return (
    <EntryRow
      id={id}
      who={IMPORT_KINDS[kind].label}
      whoNote={fileName}
      what={`${formatCount(rows)} rows`}
      whatNote={formatDateTime(at, where)}
      states={
        <>
          {isDryRun && <span class="state">dry run</span>}
          {refused > 0 && <span class="state warn">{formatCount(refused)} with errors</span>}
          {state !== "done" && <span class={`state ${state === "failed" ? "warn" : ""}`}>{state}</span>}
        </>
      }
    >
      {() => <ImportResult id={id} />}
    </EntryRow>
  );
}
