import { useEffect, useState } from "preact/hooks";
import { getAll } from "../../state/client.ts";
import { timeZone } from "../../state/clock.ts";
import { mayAudit, type Person } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { formatDateTime } from "../../labels/times.ts";
import { useLoad } from "../controls/use-load.ts";
import { AuditCheck } from "./audit-check.tsx";
import { AuditFilterForm, NO_FILTER, queryOf } from "./audit-filter.tsx";
import { AuditRow } from "./audit-row.tsx";
import { LedgerCheck } from "./ledger-check.tsx";

const PAGE_SIZE = 100;
/** The audit is not part of the live stream. */
const REFRESH_MS = 15_000;

/** The audit: who changed what, and who was refused what, how often; filtered, exported and checked. */
export function Audit({ person }: { person: Person }) {
  if (!mayAudit(person)) return <p class="empty">Only auditors, managers and administrators can read the audit log.</p>;
  return <AuditPages />;
}

function AuditPages() {
  const [filter, setFilter] = useState(NO_FILTER);
  const query = queryOf(filter);
  return (
    <>
      <AuditFilterForm filter={filter} onFilter={setFilter} />
      <p class="audit-actions">
        <a href={`/audit.csv?${query}`} download="audit.csv">
          Export as CSV
        </a>
        <AuditCheck />
      </p>
      <LedgerCheck />
      <AuditTable key={query} query={query} />
    </>
  );
}

function AuditTable({ query }: { query: string }) {
  const where = useStore(timeZone);
  const [reads, setReads] = useState(0);
  const [shown, setShown] = useState(PAGE_SIZE);
  useEffect(() => {
    const timer = setInterval(() => setReads((before) => before + 1), REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const path = `/audit?limit=${PAGE_SIZE}&${query}` as const;
  const loaded = useLoad(path, `${reads} ${shown}`, (signal) => getAll(path, shown, signal));
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) return <p class="problem">The audit log could not be loaded: {loaded.problem}</p>;
  const { rows, complete } = loaded.value;
  if (rows.length === 0) return <p class="empty">No entry matches.</p>;
  return (
    <>
      <table class="list audit">
        <caption class="hidden">Audit log, newest first</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((entry) => (
            <AuditRow key={entry.id} entry={entry} when={formatDateTime(entry.at, where)} />
          ))}
        </tbody>
      </table>
      {!complete && (
        <p class="empty">
          <button type="button" onClick={() => setShown((before) => before + PAGE_SIZE)}>
            Older entries
          </button>
        </p>
      )}
    </>
  );
}
