import { useState } from "preact/hooks";
import { formText } from "../../panels/controls/form-text.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import type { NotificationRule } from "../../state/resources.ts";
import { type AlertType, TYPE_LABELS } from "../alert-rules/rule-params.ts";
import { type Channel, CHANNELS, DAYS } from "./notification-labels.ts";

const TYPES = Object.entries(TYPE_LABELS) as [AlertType, string][];
const SEVERITIES: readonly [NonNullable<NotificationRule["severities"]>[number], string][] = [
  ["critical", "Critical"],
  ["warning", "Warning"],
  ["info", "Notice"],
];

/** What the form says of a rule. */
type RuleFields = Pick<
  NotificationRule,
  | "name"
  | "enabled"
  | "types"
  | "severities"
  | "location_ids"
  | "hours"
  | "channel"
  | "target"
  | "digest_minutes"
  | "escalate_after_minutes"
  | "escalate_to"
>;

interface NotificationFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  rule?: NotificationRule;
  locations: readonly (readonly [id: number, name: string])[];
  onSubmit: (fields: RuleFields) => Promise<unknown>;
}

/** Who is told of which alerts, where, when and how. */
export function NotificationForm({ label, action, rule, locations, onSubmit }: NotificationFormProps) {
  const [channel, setChannel] = useState<Channel>(rule?.channel ?? "email");
  const [hasHours, setHasHours] = useState(rule?.hours !== null && rule !== undefined);
  const { busy, problem, run } = useWrite();
  return (
    <form
      class="fields"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        const fields = fieldsOf(new FormData(event.currentTarget), channel, hasHours);
        void run(() => onSubmit(fields));
      }}
    >
      <label>
        Name
        <input name="name" required maxLength={255} autocomplete="off" defaultValue={rule?.name ?? ""} />
      </label>
      <label>
        By
        <select value={channel} onChange={(event) => setChannel(event.currentTarget.value as Channel)}>
          {CHANNELS.map(([name, title]) => (
            // The secret of a webhook is shown when the rule is made.
            <option key={name} value={name} disabled={rule && (name === "webhook") !== (rule.channel === "webhook")}>
              {title}
            </option>
          ))}
        </select>
      </label>
      <Address
        name="target"
        label={ADDRESS_LABELS[channel] ?? "Address (URL)"}
        channel={channel}
        value={rule?.target ?? ""}
        required
      />
      <Several name="types" label="Of these alerts" choices={TYPES} chosen={rule?.types ?? []} required />
      <Several
        name="severities"
        label="Of these severities; none chosen: all"
        choices={SEVERITIES}
        chosen={rule?.severities ?? []}
      />
      <Several
        name="location_ids"
        label="Only at these places; none chosen: everywhere"
        choices={locations}
        chosen={rule?.location_ids ?? []}
      />
      <label class="check">
        <input type="checkbox" checked={hasHours} onChange={(event) => setHasHours(event.currentTarget.checked)} /> Only
        at certain hours, by the clock of the place
      </label>
      {hasHours && (
        <>
          <label>
            From
            <input name="from" type="time" required defaultValue={rule?.hours?.from ?? "08:00"} />
          </label>
          <label>
            To
            <input name="to" type="time" required defaultValue={rule?.hours?.to ?? "18:00"} />
          </label>
          <Several
            name="days"
            label="On these days"
            choices={DAYS}
            chosen={rule?.hours?.days ?? ["mon", "tue", "wed", "thu", "fri"]}
            required
          />
        </>
      )}
      <Minutes name="digest_minutes" label="Gather for, minutes; empty: each by itself" value={rule?.digest_minutes} />
      <Minutes
        name="escalate_after_minutes"
        label="Tell again when nobody acknowledges for, minutes"
        value={rule?.escalate_after_minutes}
      />
      <Address
        name="escalate_to"
        label="Then to; empty: the same address"
        channel={channel}
        value={rule?.escalate_to ?? ""}
      />
      <label class="check">
        <input name="enabled" type="checkbox" defaultChecked={rule?.enabled ?? true} /> In force
      </label>
      <ProblemText problem={problem} />
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {action}
        </button>
      </div>
    </form>
  );
}

const ADDRESS_LABELS: Partial<Record<Channel, string>> = {
  email: "E-mail address",
  push: "User (e-mail address) or role; they are told in the browsers that they have subscribed on their account page",
};

interface AddressProps {
  name: string;
  label: string;
  channel: Channel;
  value: string;
  required?: boolean;
}

function Address({ name, label, channel, value, required }: AddressProps) {
  const placeholder = CHANNELS.find(([known]) => known === channel)?.[2];
  const field = { name, placeholder, required, autocomplete: "off", defaultValue: value } as const;
  return (
    <label>
      {label}
      {channel === "email" && <input type="email" {...field} />}
      {channel === "push" && <input {...field} />}
      {channel !== "email" && channel !== "push" && <input type="url" {...field} />}
    </label>
  );
}

interface SeveralProps<Value extends string | number> {
  name: string;
  label: string;
  choices: readonly (readonly [Value, string])[];
  chosen: readonly Value[];
  required?: boolean;
}

/** Chooses some of a list. */
export function Several<Value extends string | number>({
  name,
  label,
  choices,
  chosen,
  required,
}: SeveralProps<Value>) {
  return (
    <label>
      {label}
      <select name={name} multiple size={Math.min(6, Math.max(2, choices.length))} required={required}>
        {choices.map(([value, title]) => (
          <option key={value} value={value} selected={chosen.includes(value)}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

function Minutes({ name, label, value }: { name: string; label: string; value: number | null | undefined }) {
  return (
    <label>
      {label}
      <input name={name} type="number" min={1} max={10_080} defaultValue={value === null ? "" : (value ?? "")} />
    </label>
  );
}

function fieldsOf(given: FormData, channel: Channel, hasHours: boolean): RuleFields {
  const text = (name: string) => formText(given, name)?.trim() ?? "";
  const minutes = (name: string) => (text(name) === "" ? null : Number(text(name)));
  const among = <Value extends string>(name: string, choices: readonly (readonly [Value, string])[]) =>
    choices.flatMap(([value]) => (given.getAll(name).includes(value) ? [value] : []));
  const severities = among("severities", SEVERITIES);
  const locations = given.getAll("location_ids").map(Number);
  return {
    name: text("name"),
    enabled: given.get("enabled") !== null,
    channel,
    target: text("target"),
    types: among("types", TYPES),
    severities: severities.length === 0 ? null : severities,
    location_ids: locations.length === 0 ? null : locations,
    hours: hasHours ? { from: text("from"), to: text("to"), days: among("days", DAYS) } : null,
    digest_minutes: minutes("digest_minutes"),
    escalate_after_minutes: minutes("escalate_after_minutes"),
    escalate_to: text("escalate_to") === "" ? null : text("escalate_to"),
  };
}
