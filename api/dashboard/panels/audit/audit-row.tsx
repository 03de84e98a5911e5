import type { AuditEntry } from "../../state/resources.ts";
import { formatCount } from "../../labels/quantities.ts";
import { plainLabel } from "../../labels/status-labels.ts";

/** One entry: who, what, and on demand what was changed. */
export function AuditRow({ entry, when }: { entry: AuditEntry; when: string }) {
  const { times, reason, changed } = entry.detail ?? {};
  const changes = changesOf(entry);
  return (
    <tr>
      <td class="age">{when}</td>
      <td title={entry.actor}>{entry.actor}</td>
      <td title={entry.subject ?? ""}>
        {entry.outcome === "refused" && <strong class="problem">refused </strong>}
        {plainLabel(entry.action)} <span class="muted">{entry.subject}</span>
        {times !== undefined && <span class="muted"> {formatCount(times)} more, only counted</span>}
        {times === undefined && reason !== undefined && <span class="muted"> · {reason}</span>}
        {changed && <span class="muted"> changed {changed.map(plainLabel).join(", ")}</span>}
        {changes.length > 0 && (
          <details>
            <summary>{changes.length === 1 ? "1 field" : `${changes.length} fields`}</summary>
            <dl class="audit-changes">
              {changes.map(([name, before, after]) => (
                <div key={name}>
                  <dt>{plainLabel(name)}</dt>
                  <dd>
                    {before !== undefined && <del>{before}</del>} {after !== undefined && <ins>{after}</ins>}
                  </dd>
                </div>
              ))}
            </dl>
          </details>
        )}
      </td>
    </tr>
  );
}

/** Field, value before and value after, as text; undefined: there was no such resource then. */
function changesOf({ detail }: AuditEntry): [name: string, before: string | undefined, after: string | undefined][] {
  const { before, after } = detail ?? {};
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value ?? null));
  return names.map((name) => [name, before && text(before[name]), after && text(after[name])]);
}
