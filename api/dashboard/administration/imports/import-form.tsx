import { useState } from "preact/hooks";
import { DropZone } from "../../panels/controls/drop-zone.tsx";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import { postFile } from "../../state/client.ts";
import type { ImportReport, ImportSummary } from "../../state/resources.ts";
import type { Person } from "../../state/roles.ts";
import { IMPORT_KINDS, kindsFor, typeOf } from "./import-kinds.ts";

type Kind = ImportSummary["kind"];

/** Where a file of each kind is sent. */
const PATHS = {
  items: "/imports/items",
  locations: "/imports/locations",
  parties: "/imports/parties",
  devices: "/imports/devices",
  orders: "/imports/orders",
  stock: "/imports/stock",
} as const;

/** Chooses a file, tries it, and imports it. */
export function ImportForm({ person, onStarted }: { person: Person; onStarted: (started: ImportReport) => void }) {
  const kinds = kindsFor(person);
  const [kind, setKind] = useState<Kind>(kinds[0]!);
  const [file, setFile] = useState<File>();
  const { busy, problem, run } = useWrite();

  const send = (isDryRun: boolean) => {
    if (file === undefined) return;
    const query = new URLSearchParams({ file_name: file.name.slice(0, 255), ...(isDryRun && { dry_run: "true" }) });
    void run(async () =>
      onStarted(await postFile(`${PATHS[kind]}?${query.toString()}` as (typeof PATHS)[Kind], typeOf(file.name), file)),
    );
  };

  return (
    <form class="card import" aria-label="Import a file" onSubmit={(event) => event.preventDefault()}>
      <label>
        What the file holds
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
          {kinds.map((name) => (
            <option key={name} value={name}>
              {IMPORT_KINDS[name].label}
            </option>
          ))}
        </select>
      </label>
      <DropZone
        file={file}
        onFile={setFile}
        invitation="Drop a CSV or JSON file here, or choose one"
        accept=".csv,.tsv,.txt,.json,.ndjson,.jsonl,text/csv,application/json"
      />
      <p class="muted">
        A row is matched by {IMPORT_KINDS[kind].key}. What is new is added, what differs is changed; an empty cell
        leaves its field as it is, <code>\N</code> takes its value away. An export shows the columns.
      </p>
      <div class="actions">
        <button type="button" disabled={busy || file === undefined} onClick={() => send(true)}>
          Dry run
        </button>
        <button type="button" class="primary" disabled={busy || file === undefined} onClick={() => send(false)}>
          Import
        </button>
        {busy && <span class="muted">Sending …</span>}
      </div>
      <ProblemText problem={problem} />
    </form>
  );
}
