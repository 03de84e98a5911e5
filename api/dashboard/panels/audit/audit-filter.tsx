/** What the list and the export are narrowed to; empty: everything. */
export interface AuditFilter {
  actor: string;
  action: string;
  subject: string;
  outcome: string;
  /** as the browser's field for a local date and time gives it */
  from: string;
  to: string;
}

export const NO_FILTER: AuditFilter = { actor: "", action: "", subject: "", outcome: "", from: "", to: "" };

/** The filter as query parameters of `GET /audit` and `GET /audit.csv`. */
export function queryOf({ from, to, ...texts }: AuditFilter): string {
  const query = new URLSearchParams();
  for (const [name, text] of Object.entries(texts)) if (text !== "") query.set(name, text);
  for (const [name, time] of Object.entries({ from, to }))
    if (time !== "") query.set(name, new Date(time).toISOString());
  return query.toString();
}

const isFiltered = (filter: AuditFilter): boolean => Object.values(filter).some((text) => text !== "");

interface AuditFilterFormProps {
  filter: AuditFilter;
  onFilter: (filter: AuditFilter) => void;
}

export function AuditFilterForm({ filter, onFilter }: AuditFilterFormProps) {
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const names = Object.keys(NO_FILTER) as (keyof AuditFilter)[];
    const text = (value: FormDataEntryValue | null) => (typeof value === "string" ? value.trim() : "");
    onFilter(Object.fromEntries(names.map((name) => [name, text(fields.get(name))])) as unknown as AuditFilter);
  }
  return (
    // On a phone the form would take the place of what it filters.
    <details class="audit-filter" open={matchMedia("(min-width: 861px)").matches}>
      <summary>{isFiltered(filter) ? "Filter: some entries are hidden" : "Filter"}</summary>
      <form class="inline-form" aria-label="Filter of the audit" onSubmit={submit} onReset={() => onFilter(NO_FILTER)}>
        <label>
          Who
          <input name="actor" placeholder="user:7, client:3, a device" defaultValue={filter.actor} />
        </label>
        <label>
          What
          <input name="action" placeholder="PUT /users/{id}, sign in" defaultValue={filter.action} />
        </label>
        <label>
          Of what
          <input name="subject" placeholder="/shipments/7" defaultValue={filter.subject} />
        </label>
        <label>
          Outcome
          <select name="outcome" defaultValue={filter.outcome}>
            <option value="">all</option>
            <option value="done">done</option>
            <option value="refused">refused</option>
          </select>
        </label>
        <label>
          From
          <input type="datetime-local" name="from" defaultValue={filter.from} />
        </label>
        <label>
          To
          <input type="datetime-local" name="to" defaultValue={filter.to} />
        </label>
        <button type="submit">Filter</button>
        <button type="reset">Show all</button>
      </form>
    </details>
  );
}
