import { formatCount } from "../../labels/quantities.ts";
import { choicesOf } from "../../panels/controls/use-items.ts";
import { getAll, post, put, remove } from "../../state/client.ts";
import type { AlertRule } from "../../state/resources.ts";
import { EntryPage, MAX_ROWS, PAGE_QUERY } from "../entry-page.tsx";
import { type Places, RuleRow } from "../rule-row.tsx";
import { RuleForm } from "./rule-form.tsx";
import { PARAMS, TYPE_LABELS } from "./rule-params.ts";

/** The rules that open alerts. */
export function AlertRules() {
  return (
    <EntryPage
      label="Alert rules"
      intro="A rule says what needs a person. Of each rule and each thing there is one alert at a time; it ends by itself when its cause is gone."
      empty="There are no alert rules: nothing opens an alert."
      of="alert-rules"
      load={async (signal) => {
        const [rules, locations] = await Promise.all([
          getAll(`/alert-rules?${PAGE_QUERY}`, MAX_ROWS, signal),
          getAll(`/locations?${PAGE_QUERY}`, MAX_ROWS, signal),
        ]);
        return { rows: rules.rows, locations: choicesOf(locations.rows) };
      }}
      adding={[
        {
          label: "Add an alert rule",
          form: (onDone, { locations }) => (
            <RuleForm
              label="Add an alert rule"
              action="Add"
              locations={locations}
              onSubmit={async (type, fields) => {
                await post("/alert-rules", { type, ...fields });
                onDone();
              }}
            />
          ),
        },
      ]}
    >
      {({ rows, locations }, onChanged) =>
        rows.map((rule) => <AlertRuleRow key={rule.id} {...{ rule, locations, onChanged }} />)
      }
    </EntryPage>
  );
}

interface AlertRuleRowProps {
  rule: AlertRule;
  locations: Places;
  onChanged: () => void;
}

function AlertRuleRow({ rule, locations, onChanged }: AlertRuleRowProps) {
  const path = `/alert-rules/${rule.id}` as const;
  return (
    <RuleRow
      {...{ rule, locations, onChanged }}
      note={TYPE_LABELS[rule.type]}
      whatNote={limitsOf(rule)}
      before={
        <span class={`state ${rule.severity === "critical" ? "warn" : ""}`}>
          {rule.severity === "info" ? "notice" : rule.severity}
        </span>
      }
      after={rule.active_alerts > 0 && <span class="state">{formatCount(rule.active_alerts)} active</span>}
      removal="Its alerts are resolved."
      onRemove={() => remove(path)}
    >
      {() => (
        <RuleForm
          // Drawn anew with what the server has.
          key={rule.updated_at}
          label={`Change ${rule.name}`}
          action="Save"
          rule={rule}
          locations={locations}
          onSubmit={async (_, fields) => {
            await put(path, fields);
            onChanged();
          }}
        />
      )}
    </RuleRow>
  );
}

/** Its limits in words. */
function limitsOf({ type, params }: AlertRule): string | null {
  const parts = PARAMS[type].map(({ name, label, initial, options }) => {
    const value = String(params[name] ?? initial);
    return `${label.toLowerCase()} ${options?.find(([option]) => option === value)?.[1] ?? value}`;
  });
  return parts.length === 0 ? null : parts.join("; ");
}
