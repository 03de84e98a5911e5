import { useRef, useState } from "preact/hooks";
import type { Schemas } from "../../../client/index.ts";
import { formatCount } from "../../labels/quantities.ts";
import { formText } from "../../panels/controls/form-text.ts";
import { ProblemText } from "../../panels/controls/problem-text.tsx";
import { useWrite } from "../../panels/controls/use-write.ts";
import { post } from "../../state/client.ts";
import type { AlertRule } from "../../state/resources.ts";
import { type AlertType, PARAMS, TYPE_LABELS } from "./rule-params.ts";

const TYPES = Object.keys(PARAMS) as AlertType[];
const SEVERITIES: readonly [AlertRule["severity"], string][] = [
  ["critical", "Critical"],
  ["warning", "Warning"],
  ["info", "Notice"],
];
const DAYS = 7;

/** What the form says of a rule. */
type RuleFields = Pick<AlertRule, "name" | "severity" | "enabled" | "location_ids" | "params">;

interface RuleFormProps {
  label: string;
  action: string;
  /** undefined: a new one */
  rule?: AlertRule;
  locations: readonly (readonly [id: number, name: string])[];
  onSubmit: (type: AlertType, fields: RuleFields) => Promise<unknown>;
}

/** A rule, and how often it would have fired in the last days. */
export function RuleForm({ label, action, rule, locations, onSubmit }: RuleFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [type, setType] = useState<AlertType>(rule?.type ?? "low_stock");
  const [found, setFound] = useState<string | null>(null);
  const { busy, problem, run } = useWrite();

  function fields(): RuleFields {
    const given = new FormData(form.current!);
    const params = PARAMS[type].map(({ name, options }) => {
      const text = formText(given, name) ?? "";
      return [name, options === undefined ? Number(text) : text] as const;
    });
    const chosen = given.getAll("location_ids").map(Number);
    return {
      // What this form does not show is kept.
      params: { ...rule?.params, ...Object.fromEntries(params) },
      location_ids: chosen.length === 0 ? null : chosen,
      name: formText(given, "name")?.trim() ?? "",
      severity: SEVERITIES.find(([value]) => value === formText(given, "severity"))?.[0] ?? "warning",
      enabled: given.get("enabled") !== null,
    };
  }
  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    await run(() => onSubmit(type, fields()));
  }
  async function tryIt(): Promise<void> {
    const { params, location_ids } = fields();
    const body = { type, params, location_ids, days: DAYS };
    await run(async () => setFound(wordsOf(await post("/alert-rules/dry-run", body))));
  }
  return (
    <form ref={form} class="fields" aria-label={label} onSubmit={(event) => void submit(event)}>
      <label>
        Name
        <input name="name" required maxLength={255} autocomplete="off" defaultValue={rule?.name ?? ""} />
      </label>
      {rule === undefined && (
        <label>
          What about
          <select name="type" value={type} onChange={(event) => setType(event.currentTarget.value as AlertType)}>
            {TYPES.map((name) => (
              <option key={name} value={name}>
                {TYPE_LABELS[name]}
              </option>
            ))}
          </select>
        </label>
      )}
      <label>
        Severity
        <select name="severity">
          {SEVERITIES.map(([value, title]) => (
            <option key={value} value={value} selected={value === (rule?.severity ?? "warning")}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {PARAMS[type].map(({ name, label, initial, options }) => (
        <label key={`${type} ${name}`}>
          {label}
          {options === undefined ? (
            <input
              name={name}
              type="number"
              step="any"
              min={0}
              required
              defaultValue={String(rule?.params[name] ?? initial)}
            />
          ) : (
            <select name={name}>
              {options.map(([value, title]) => (
                <option key={value} value={value} selected={value === (rule?.params[name] ?? initial)}>
                  {title}
                </option>
              ))}
            </select>
          )}
        </label>
      ))}
      <label>
        Only at these places; none chosen: everywhere
        <select name="location_ids" multiple size={Math.min(5, Math.max(2, locations.length))}>
          {locations.map(([id, name]) => (
            <option key={id} value={id} selected={rule?.location_ids?.includes(id) === true}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="check">
        <input name="enabled" type="checkbox" defaultChecked={rule?.enabled ?? true} /> In force
      </label>
      <ProblemText problem={problem} />
      <p role="status">{found}</p>
      <div class="actions">
        <button type="submit" class="primary" disabled={busy}>
          {action}
        </button>
        <button type="button" disabled={busy} onClick={() => void tryIt()}>
          Try on the last {DAYS} days
        </button>
      </div>
    </form>
  );
}

function wordsOf({ would_have_fired: fired, days, complete, note }: Schemas["AlertRuleDryRunResult"]): string {
  const more = note === null ? "" : ` (${note})`;
  const atLeast = complete ? "" : "at least ";
  return `In the last ${days} days it would have fired ${atLeast}${formatCount(fired)} ${fired === 1 ? "time" : "times"}${more}.`;
}
