import { formatCount } from "../../../labels/quantities.ts";
import { formatDateTime } from "../../../labels/times.ts";
import { timeZone } from "../../../state/clock.ts";
import type { EpcisCapture } from "../../../state/resources.ts";
import { useStore } from "../../../state/store.ts";
import { Facts } from "../../controls/facts.tsx";

/** More are in the answer of the API. */
const SHOWN_ERRORS = 50;

/** What became of a document, and what is wrong with which of its events. */
export function CaptureResult({ of: capture }: { of: EpcisCapture }) {
  const where = useStore(timeZone);
  const { running, success, finishedAt, added, known, errors } = capture;
  return (
    <section class="import-result" aria-label="Result of the capture">
      <p role="status">
        {running ? "It waits to be written." : success ? "All its events are here." : failed(capture)}
      </p>
      <Facts
        of={[
          ["Finished", finishedAt === null ? null : formatDateTime(finishedAt, where)],
          ["New events", added === null ? null : formatCount(added)],
          ["Known already", known === null ? null : formatCount(known)],
          ["Errors", running ? null : formatCount(errors.length)],
        ]}
      />
      {errors.length > 0 && (
        <div class="import-errors" tabIndex={0} role="group" aria-label="Errors">
          <table class="list">
            <caption class="hidden">Errors by event</caption>
            <thead>
              <tr>
                <th scope="col">What is wrong</th>
                <th scope="col">Where in the document</th>
              </tr>
            </thead>
            <tbody>
              {errors.slice(0, SHOWN_ERRORS).map(({ instance, detail }) => (
                <tr key={`${instance} ${detail}`}>
                  <td class="message">{detail}</td>
                  <td>{instance ?? "the document"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {errors.length > SHOWN_ERRORS && <p>The first {SHOWN_ERRORS} are shown.</p>}
    </section>
  );
}

const failed = ({ captureErrorBehaviour: behaviour }: EpcisCapture): string =>
  behaviour === "rollback"
    ? "Nothing of it was captured, because some of its events cannot be."
    : "The events without errors were captured.";
