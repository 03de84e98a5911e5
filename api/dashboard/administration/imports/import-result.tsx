import { useEffect, useState } from "preact/hooks";
import { formatCount, formatQuantity } from "../../labels/quantities.ts";
import { Facts } from "../../panels/controls/facts.tsx";
import { useGet } from "../../panels/controls/use-load.ts";
import type { ImportReport } from "../../state/resources.ts";
import { ContinueImport } from "./continue-import.tsx";
import { formatText } from "./import-kinds.ts";

/** Imports are not part of the live stream. */
const REFRESH_MS = 1_000;
/** More are in the file that can be downloaded. */
const SHOWN_ERRORS = 50;

const isGoing = ({ state }: { state: string }): boolean => state === "waiting" || state === "running";

/**
 * How far an import has come, and what is wrong with which rows.
 * @param started what is known of it
 */
export function ImportResult({ id, started, onEnded }: { id: number; started?: ImportReport; onEnded?: () => void }) {
  const [reads, setReads] = useState(0);
  const loaded = useGet(`/imports/${id}`, reads);
  const report = loaded?.value ?? started;
  const state = report?.state;
  useEffect(() => {
    if (report !== undefined && !isGoing(report)) {
      onEnded?.();
      return;
    }
    const timer = setInterval(() => setReads((before) => before + 1), REFRESH_MS);
    return () => clearInterval(timer);
  }, [state]);
  if (report === undefined) {
    return loaded?.problem ? <p class="problem">The import could not be loaded: {loaded.problem}</p> : <p>Loading …</p>;
  }
  return (
    <section class="import-result" aria-label={report.dry_run ? "Result of the dry run" : "Result of the import"}>
      <p role="status">{stateText(report)}</p>
      {isGoing(report) && (
        <progress aria-label="How much of the file has been read" max={report.size_bytes} value={report.read_bytes} />
      )}
      {state === "interrupted" && !report.dry_run && (
        <ContinueImport id={id} onContinued={() => setReads((before) => before + 1)} />
      )}
      {report.problem !== null && <p class="problem">{report.problem}</p>}
      <Facts
        of={[
          ["Rows", formatCount(report.rows)],
          [report.dry_run ? "Would be added" : "Added", formatCount(report.created)],
          [report.dry_run ? "Would be changed" : "Changed", formatCount(report.updated)],
          ["Unchanged", formatCount(report.unchanged)],
          ["With errors", formatCount(report.refused)],
        ]}
      />
      <p class="muted">Read as {formatText(report)}.</p>
      {report.errors.length > 0 && <Errors report={report} />}
    </section>
  );
}

function stateText({ state, dry_run, rows, refused }: ImportReport): string {
  switch (state) {
    case "waiting":
      return "It waits until the import before it has ended.";
    case "running":
      return "The file is being read.";
    case "failed":
      return "It has failed. What had been written until then stays.";
    case "interrupted":
      return dry_run
        ? "It was interrupted: its process has ended. Send the file again."
        : `It was interrupted: its process has ended. Done so far: ${formatQuantity(rows, "row")}.`;
    default:
      if (dry_run)
        return refused === 0
          ? "Nothing was changed. All rows are good."
          : "Nothing was changed. Some rows have errors.";
      return refused === 0 ? "All rows are imported." : "The rows without errors are imported.";
  }
}

function Errors({ report: { id, errors, refused } }: { report: ImportReport }) {
  return (
    <>
      <div class="import-errors" tabIndex={0} role="group" aria-label="Errors">
        <table class="list">
          <caption class="hidden">Errors by line</caption>
          <thead>
            <tr>
              <th scope="col" class="number">
                Line
              </th>
              <th scope="col">Column</th>
              <th scope="col">What is wrong</th>
            </tr>
          </thead>
          <tbody>
            {errors.slice(0, SHOWN_ERRORS).map(({ line, column, message }) => (
              <tr key={`${line} ${column} ${message}`}>
                <td class="number">{line}</td>
                <td>{column ?? "the row"}</td>
                <td class="message">{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p>
        {refused > SHOWN_ERRORS && `The first ${SHOWN_ERRORS} are shown. `}
        <a href={`/imports/${id}/errors.csv`} download={`import-${id}-errors.csv`}>
          Download the errors
        </a>
      </p>
    </>
  );
}
