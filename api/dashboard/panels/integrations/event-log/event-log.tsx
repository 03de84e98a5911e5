import { useEffect, useState } from "preact/hooks";
import { formatCount } from "../../../labels/quantities.ts";
import { formatDateTime, formatDuration } from "../../../labels/times.ts";
import { timeZone } from "../../../state/clock.ts";
import { useStore } from "../../../state/store.ts";
import { useGet } from "../../controls/use-load.ts";

/** How far it has come is looked at so often, milliseconds. */
const LOOK_MS = 5_000;

/** How far what other systems are told is behind what has happened. */
export function EventLog() {
  const where = useStore(timeZone);
  const [version, setVersion] = useState(0);
  const loaded = useGet("/event-log", version);
  useEffect(() => {
    const timer = setInterval(() => setVersion((before) => before + 1), LOOK_MS);
    return () => clearInterval(timer);
  }, []);
  if (loaded === undefined) return <p class="empty">Loading …</p>;
  if (loaded.problem !== null) return <p class="problem">{loaded.problem}</p>;
  const { waiting, lag_seconds: lag, last_event_at: last, first_event_at: first, bytes, followers } = loaded.value;
  return (
    <>
      <p class="muted">
        What happens is written into one log of events; webhooks and other systems are told from there. What waits is
        told when the other side is back. Events are kept for 30 days; of more than 20 million the newest.
      </p>
      <section class="card" aria-label="Log of events">
        <p>Newest event: {last === null ? "none yet" : formatDateTime(last, where)}</p>
        <p>
          Oldest that is kept: {first === null ? "none" : formatDateTime(first, where)}; on disk{" "}
          {formatCount(Math.ceil(bytes / 1_048_576))} MiB
        </p>
        <p>
          Not in the log yet:{" "}
          {waiting === 0 ? "nothing" : `${formatCount(waiting)}, the oldest since ${formatDuration((lag ?? 0) * 1000)}`}
        </p>
      </section>
      <h2>Who hands the events on</h2>
      {followers.length === 0 && <p class="empty">Nothing but the webhooks follows the log.</p>}
      <ul class="people" hidden={followers.length === 0} aria-label="Followers of the log">
        {followers.map(
          ({ name, behind, lag_seconds: late, failing_since: failing, problem, missed, missed_at: gone }) => (
            <li key={name}>
              <div class="card">
                <strong>{name}</strong>
                <span class={failing === null ? "muted" : "problem"}>
                  {behind === 0 ? "has told everything" : `${formatCount(behind)} events behind`}
                  {late !== null && `, the oldest ${formatDuration(late * 1000)} old`}
                  {failing !== null && `; it fails since ${formatDateTime(failing, where)}: ${problem ?? ""}`}
                </span>
                {gone !== null && (
                  <span class="problem">
                    It was too far behind, or no relay ran: {formatCount(missed)} events were deleted before it had
                    them, the last {formatDateTime(gone, where)}
                  </span>
                )}
              </div>
            </li>
          ),
        )}
      </ul>
    </>
  );
}
