import { EntryRow } from "../administration/entry-row.tsx";
import { Removal } from "../administration/removal.tsx";
import { formatCount } from "../labels/quantities.ts";
import { formatDateTime } from "../labels/times.ts";
import { useGet } from "../panels/controls/use-load.ts";
import { put, remove } from "../state/client.ts";
import { timeZone } from "../state/clock.ts";
import type { ReportSchedule } from "../state/resources.ts";
import { useStore } from "../state/store.ts";
import { REPORT_LABELS, ScheduleForm, timesText } from "./schedule-form.tsx";

interface ScheduleRowProps {
  schedule: ReportSchedule;
  places: readonly (readonly [id: number, name: string])[];
  onChanged: () => void;
}

/** A report by mail as one line of a list, which opens to change or end it, and shows what was sent. */
export function ScheduleRow({ schedule, places, onChanged }: ScheduleRowProps) {
  const where = useStore(timeZone);
  const path = `/report-schedules/${schedule.id}` as const;
  const { recipients, last_sent_at: sent, last_error: error, waiting, enabled } = schedule;
  return (
    <EntryRow
      id={schedule.id}
      who={schedule.name}
      whoNote={`${REPORT_LABELS[schedule.report]}, ${timesText(schedule)}`}
      what={recipients.length === 1 ? recipients[0]! : `${recipients.length} recipients`}
      whatNote={enabled ? `next: ${formatDateTime(schedule.next_due_at, where)}` : null}
      states={
        <>
          {!enabled && <span class="state">off</span>}
          {error !== null && <span class="state warn">not sent</span>}
          {waiting > 0 && <span class="state">{formatCount(waiting)} waiting</span>}
          <span class="muted">{sent === null ? "never sent" : `sent ${formatDateTime(sent, where)}`}</span>
        </>
      }
    >
      {() => (
        <>
          {error !== null && <p class="problem">The newest mail is not sent: {error}</p>}
          <ScheduleForm
            // Drawn anew with what the server has.
            key={schedule.updated_at}
            label={`Change ${schedule.name}`}
            action="Save"
            schedule={schedule}
            places={places}
            onSubmit={async (fields) => {
              await put(path, fields);
              onChanged();
            }}
          />
          <Sent id={schedule.id} />
          <Removal
            question="What waits is not sent. End this report?"
            remove={() => remove(path)}
            onChanged={onChanged}
          />
        </>
      )}
    </EntryRow>
  );
}

function Sent({ id }: { id: number }) {
  const where = useStore(timeZone);
  const loaded = useGet(`/report-schedules/${id}/deliveries?limit=20`, null);
  if (loaded?.problem) return <p class="problem">What was sent could not be loaded: {loaded.problem}</p>;
  if (!loaded?.value) return <p class="empty">Loading …</p>;
  return (
    <section aria-label="Sent">
      <h3>Sent</h3>
      {loaded.value.length === 0 && <p class="empty">Nothing was sent yet.</p>}
      <ul class="sent-reports">
        {loaded.value.map((mail) => (
          <li key={mail.id}>
            {mail.recipient}: {mail.state}
            {mail.sent_at !== null && ` ${formatDateTime(mail.sent_at, where)}`}, due{" "}
            {formatDateTime(mail.due_at, where)}
            {mail.response !== null && <span class="muted"> – {mail.response}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
