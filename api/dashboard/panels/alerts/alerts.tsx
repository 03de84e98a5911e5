import { useState } from "preact/hooks";
import { currentTime } from "../../state/clock.ts";
import { appData, loaded } from "../../state/live.ts";
import { detailKey, openDetail } from "../../state/navigation.ts";
import type { Alert } from "../../state/resources.ts";
import type { Person } from "../../state/roles.ts";
import { useStore } from "../../state/store.ts";
import { formatCount } from "../../labels/quantities.ts";
import { formatAge } from "../../labels/times.ts";
import { ExportLink, exportQuery } from "../controls/export-link.tsx";
import { useFlash } from "../controls/use-flash.ts";
import { useRowKeys } from "../controls/use-row-keys.ts";
import { byUrgency } from "./alert-order.ts";
import { SeverityMark } from "./severity-mark.tsx";

type Filter = "all" | Alert["severity"] | "mine";
const FILTERS: readonly [Filter, string][] = [
  ["all", "All"],
  ["critical", "Critical"],
  ["warning", "Warning"],
  ["info", "Notice"],
  ["mine", "Mine"],
];
/** Rows drawn at once: a list that long is not read to its end. */
const MAX_SHOWN = 300;

/** The inbox: what needs a person, the most urgent first. */
export function Alerts({ person }: { person: Person }) {
  const { alerts, truncated } = useStore(appData);
  const ready = useStore(loaded);
  const [filter, setFilter] = useState<Filter>("all");
  const matches = (alert: Alert, by: Filter) =>
    by === "all" || (by === "mine" ? alert.assigned_to === person.id : alert.severity === by);
  const sorted = [...alerts.values()].filter((alert) => matches(alert, filter)).sort(byUrgency);
  const shown = sorted.slice(0, MAX_SHOWN);
  const rowKeys = useRowKeys(shown.map(({ id }) => detailKey({ kind: "alert", id })));
  if (!ready) return null;
  return (
    <>
      <div class="alert-filters" role="group" aria-label="Which alerts">
        {FILTERS.map(([by, label]) => (
          <button key={by} type="button" aria-pressed={by === filter} onClick={() => setFilter(by)}>
            {label}{" "}
            <span class="count">{formatCount([...alerts.values()].filter((alert) => matches(alert, by)).length)}</span>
          </button>
        ))}
        <ExportLink
          href={`/exports/alerts.csv${exportQuery({
            active: "true",
            ...(filter === "mine"
              ? { assigned_to: String(person.id) }
              : { severity: filter === "all" ? null : filter }),
          })}`}
        />
      </div>
      {sorted.length === 0 && (
        <p class="empty">{filter === "all" ? "Nothing needs attention." : "No such alerts now."}</p>
      )}
      <ul class="rows" aria-label="Alerts" onKeyDown={rowKeys.onKeyDown}>
        {shown.map((alert) => (
          <Row key={alert.id} alert={alert} opener={rowKeys.opener(detailKey({ kind: "alert", id: alert.id }))} />
        ))}
      </ul>
      {(sorted.length > shown.length || truncated.includes("alerts")) && (
        <p class="muted note">The {formatCount(shown.length)} most urgent are shown.</p>
      )}
    </>
  );
}

const STATE_LABELS: Record<Alert["state"], string> = {
  open: "open",
  acknowledged: "acknowledged",
  snoozed: "snoozed",
  resolved: "resolved",
};

function Row({ alert, opener }: { alert: Alert; opener: object }) {
  const now = useStore(currentTime);
  const { changes } = useStore(appData);
  const { id, severity, title, next_step, state, assignee, opened_at, late, times } = alert;
  return (
    <li class={useFlash(changes.get(`alert:${id}`))}>
      <button
        type="button"
        class={`row alert-row ${state}`}
        {...opener}
        onClick={() => openDetail({ kind: "alert", id })}
      >
        <span class="row-main">
          <SeverityMark severity={severity} />
          <span class="row-title wraps">{title}</span>
          <span class="age">{formatAge(opened_at, now)}</span>
        </span>
        <span class="row-details">
          <span class="grow">{next_step}</span>
          {late && <span class="state">late</span>}
          {times > 1 && <span class="state">{formatCount(times)} times</span>}
          {state !== "open" && <span class="state">{STATE_LABELS[state]}</span>}
          {assignee !== null && <span class="state">{assignee}</span>}
        </span>
      </button>
    </li>
  );
}
