import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../administration/entry-page.tsx";
import { choicesOf } from "../panels/controls/use-items.ts";
import { getAll, post } from "../state/client.ts";
import { ScheduleForm } from "./schedule-form.tsx";
import { ScheduleRow } from "./schedule-row.tsx";

/** Reports that are sent by mail at regular times. */
export function ReportMail() {
  return (
    <EntryPage
      label="Reports by mail"
      intro="A report is mailed each day, week or month as a file, once for each due time to each recipient. It tells of the time since it was due before."
      empty="No report is sent by mail yet."
      of="report-schedules"
      load={async (signal) => {
        const [schedules, locations] = await Promise.all([
          getAll(`/report-schedules?${PAGE_QUERY}`, MAX_ROWS, signal),
          getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal),
        ]);
        return { rows: schedules.rows, places: choicesOf(locations.rows) };
      }}
      adding={[
        {
          label: "Add a report by mail",
          form: (onDone, { places }) => (
            <ScheduleForm
              label="Add a report by mail"
              action="Add"
              places={places}
              onSubmit={async (fields) => {
                await post("/report-schedules", fields);
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, places }, onChanged) =>
        rows.map((schedule) => <ScheduleRow key={schedule.id} {...{ schedule, places, onChanged }} />)
      }
    </EntryPage>
  );
}
