import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { formatAge } from "../labels/times.ts";
import { useLoad } from "../panels/controls/use-load.ts";
import { getAllChecked } from "../state/client.ts";
import { currentTime } from "../state/clock.ts";
import type { Row } from "../state/operations.ts";
import { useStore } from "../state/store.ts";
import { FilterForm, type FilterUse } from "./filter.tsx";

const PAGE_SIZE = 200;

/** A column of a report: its head, and what a row says there. */
export interface Column<R> {
  label: string;
  /** what the head means, where it needs words */
  hint?: string;
  isNumber?: boolean;
  cell: (row: R) => ComponentChildren;
}

interface ReportViewProps<P extends `/${string}`> {
  question: string;
  /** how the answer comes about, where one must know */
  note?: string;
  use: FilterUse;
  /** choices beside the filter */
  choices?: ComponentChildren;
  /** the report with its filters, without paging */
  path: P;
  file: string;
  empty: string;
  chart?: (rows: Row<P>[]) => ComponentChildren;
  columns: readonly Column<Row<P>>[] | ((rows: Row<P>[]) => readonly Column<Row<P>>[]);
  keyOf: (row: Row<P>) => string;
}

/** One report: its question, its filter, a chart, a table and a file. */
export function ReportView<P extends `/${string}`>(props: ReportViewProps<P>) {
  const { question, note, use, choices, path, file, empty, chart, keyOf } = props;
  const [shown, setShown] = useState(PAGE_SIZE);
  const loaded = useLoad(path, shown, (signal) => getAllChecked<P>(`${path}&limit=${PAGE_SIZE}` as P, shown, signal));
  const columns = typeof props.columns === "function" ? props.columns(loaded?.value?.rows ?? []) : props.columns;
  return (
    <section class="report" aria-label={question}>
      <h2>{question}</h2>
      {note !== undefined && <p class="muted">{note}</p>}
      <FilterForm use={use}>{choices}</FilterForm>
      <p class="report-actions">
        <a href={`${path}&format=csv`} download={file}>
          Download as CSV
        </a>
        <Age rows={loaded?.value?.rows ?? []} />
      </p>
      {loaded === undefined && <p class="empty">Loading …</p>}
      {loaded?.problem && <p class="problem">The report could not be loaded: {loaded.problem}</p>}
      {loaded?.value?.rows.length === 0 && <p class="empty">{empty}</p>}
      {loaded?.value && loaded.value.rows.length > 0 && (
        <>
          {chart?.(loaded.value.rows)}
          <div class="report-table" role="region" aria-label="Table" tabIndex={0}>
            <table class="list">
              <caption class="hidden">{question}</caption>
              <thead>
                <tr>
                  {columns.map(({ label, hint, isNumber }) => (
                    <th key={label} scope="col" class={isNumber ? "number" : ""} title={hint}>
                      {label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {loaded.value.rows.map((row) => (
                  <tr key={keyOf(row)}>
                    {columns.map(({ label, isNumber, cell }) => (
                      <td key={label} class={isNumber ? "number" : ""}>
                        {cell(row)}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {!loaded.value.complete && (
            <p>
              <button type="button" onClick={() => setShown((before) => before + PAGE_SIZE)}>
                More rows
              </button>
            </p>
          )}
        </>
      )}
    </section>
  );
}

/** How old the numbers are. */
function Age({ rows }: { rows: readonly unknown[] }) {
  const now = useStore(currentTime);
  const [first] = rows as readonly { as_of?: string }[];
  return first?.as_of === undefined ? null : <span class="muted">as of {formatAge(first.as_of, now)}</span>;
}
