import { useState } from "preact/hooks";
import { STAGE_LABELS } from "../labels/status-labels.ts";
import { FieldsForm } from "../panels/controls/fields-form.tsx";
import { type ReportSchedule, STAGES } from "../state/resources.ts";

export const REPORT_LABELS: Record<ReportSchedule["report"], string> = {
  bottlenecks: "Bottlenecks",
  dwell: "Dwell",
  space: "Space",
  "on-time": "On time",
  throughput: "Throughput",
  turns: "Turns",
  inventory: "Goods by stage",
  vehicles: "Vehicles",
};
const HAS_STAGE: ReadonlySet<string> = new Set(["bottlenecks", "dwell", "throughput", "inventory"]);
const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** e.g. "weekly on Monday at 06:00, Europe/Berlin" */
export function timesText({ frequency, weekday, month_day: day, hour, time_zone: zone }: ReportSchedule): string {
  const on =
    frequency === "weekly" ? ` on ${DAYS[(weekday ?? 1) - 1]}` : frequency === "monthly" ? ` on day ${day ?? 1}` : "";
  return `${frequency}${on} at ${hourText(hour)}, ${zone}`;
}

const hourText = (hour: number): string => `${String(hour).padStart(2, "0")}:00`;

type Fields = Pick<
  ReportSchedule,
  | "name"
  | "enabled"
  | "report"
  | "filters"
  | "frequency"
  | "weekday"
  | "month_day"
  | "hour"
  | "time_zone"
  | "recipients"
  | "format"
>;

interface ScheduleFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  schedule?: ReportSchedule;
  places: readonly (readonly [id: number, name: string])[];
  onSubmit: (fields: Fields) => Promise<unknown>;
}

/** Which report goes to whom, and when. */
export function ScheduleForm({ label, action, schedule, places, onSubmit }: ScheduleFormProps) {
  const [report, setReport] = useState<ReportSchedule["report"]>(schedule?.report ?? "bottlenecks");
  const [frequency, setFrequency] = useState<ReportSchedule["frequency"]>(schedule?.frequency ?? "daily");
  const zone = schedule?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <FieldsForm
      label={label}
      action={action}
      onSubmit={(text, form) => {
        const filters = { ...schedule?.filters };
        for (const name of ["stage", "location_id"]) {
          delete filters[name];
          if (text(name) !== "") filters[name] = text(name);
        }
        return onSubmit({
          ...{ name: text("name"), enabled: form.get("enabled") !== null, report, frequency, filters },
          weekday: frequency === "weekly" ? Number(text("weekday")) : null,
          month_day: frequency === "monthly" ? Number(text("month_day")) : null,
          hour: Number(text("hour")),
          time_zone: text("time_zone"),
          recipients: text("recipients")
            .split(/[\s,;]+/)
            .filter((each) => each !== ""),
          format: text("format") === "json" ? "json" : "csv",
        });
      }}
    >
      <label>
        Name
        <input name="name" required maxLength={255} autocomplete="off" defaultValue={schedule?.name ?? ""} />
      </label>
      <label>
        Report
        <select value={report} onChange={(event) => setReport(event.currentTarget.value as ReportSchedule["report"])}>
          <Choices of={Object.entries(REPORT_LABELS)} />
        </select>
      </label>
      {HAS_STAGE.has(report) && (
        <label>
          Only of this stage
          <select name="stage">
            <option value="">all</option>
            <Choices of={STAGES.map((stage) => [stage, STAGE_LABELS[stage]])} chosen={schedule?.filters["stage"]} />
          </select>
        </label>
      )}
      <label>
        {report === "vehicles" ? "Only vehicles that stopped at this place" : "Only of this place"}
        <select name="location_id">
          <option value="">all</option>
          <Choices of={places} chosen={schedule?.filters["location_id"]} />
        </select>
      </label>
      <label>
        How often
        <select
          value={frequency}
          onChange={(event) => setFrequency(event.currentTarget.value as ReportSchedule["frequency"])}
        >
          <Choices
            of={[
              ["daily", "each day"],
              ["weekly", "each week"],
              ["monthly", "each month"],
            ]}
          />
        </select>
      </label>
      {frequency === "weekly" && (
        <label>
          Weekday
          <select name="weekday">
            <Choices of={DAYS.map((day, at) => [at + 1, day])} chosen={schedule?.weekday ?? 1} />
          </select>
        </label>
      )}
      {frequency === "monthly" && (
        <label>
          On day; in a shorter month on its last
          <input
            name="month_day"
            type="number"
            min={1}
            max={31}
            required
            defaultValue={String(schedule?.month_day ?? 1)}
          />
        </label>
      )}
      <label>
        Hour
        <select name="hour">
          <Choices of={Array.from({ length: 24 }, (_, hour) => [hour, hourText(hour)])} chosen={schedule?.hour ?? 6} />
        </select>
      </label>
      <label>
        Time zone
        <input name="time_zone" required maxLength={255} defaultValue={zone} />
      </label>
      <label>
        To these e-mail addresses
        <textarea name="recipients" rows={2} required defaultValue={schedule?.recipients.join("\n") ?? ""} />
      </label>
      <label>
        File
        <select name="format">
          <Choices
            of={[
              ["csv", "CSV, for spreadsheets"],
              ["json", "JSON, for programs"],
            ]}
            chosen={schedule?.format}
          />
        </select>
      </label>
      <label class="check">
        <input name="enabled" type="checkbox" defaultChecked={schedule?.enabled ?? true} /> In force
      </label>
    </FieldsForm>
  );
}

interface ChoicesProps {
  of: readonly (readonly [value: string | number, label: string])[];
  chosen?: string | number | null | undefined;
}

function Choices({ of, chosen }: ChoicesProps) {
  return (
    <>
      {of.map(([value, label]) => (
        <option
          key={value}
          value={value}
          selected={chosen === undefined ? undefined : String(value) === String(chosen)}
        >
          {label}
        </option>
      ))}
    </>
  );
}
