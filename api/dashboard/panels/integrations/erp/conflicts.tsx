import { post } from "../../../state/client.ts";
import type { ErpConflict, ErpConnection } from "../../../state/resources.ts";
import { ProblemText } from "../../controls/problem-text.tsx";
import { useGet } from "../../controls/use-load.ts";
import { useWrite } from "../../controls/use-write.ts";

const TYPES: Record<ErpConflict["type"], string> = {
  both_changed: "Changed on both sides",
  deleted_there: "Deleted there",
  duplicate: "One code twice",
  unknown_unit: "Unknown unit",
  unknown_reference: "Not known on one side",
  unmapped_warehouse: "Warehouse without a place",
  bad_quantity: "Quantity that cannot be",
  changed_after_shipping: "Changed after work began",
  level_differs: "Stock level differs",
  refused: "Refused by the ERP",
  not_possible: "Cannot be followed",
};

/** What each answer does, in the words of its button. */
function answers(type: ErpConflict["type"]): readonly [ours: string, theirs: string] {
  switch (type) {
    case "both_changed":
      return ["Keep ours", "Take theirs"];
    case "deleted_there":
      return ["Keep it here", "End it here too"];
    case "changed_after_shipping":
      return ["Leave ours as it is", "Cancel the rest here"];
    case "level_differs":
      return ["Tell the ERP our level", "Take their level"];
    case "refused":
      return ["Try again", "Give it up"];
    default:
      return ["Leave it out", "Try again"];
  }
}

interface ConflictsProps {
  connection: ErpConnection;
  version: string;
  onChanged: () => void;
}

/** What a person has to decide. */
export function Conflicts({ connection: { id }, version, onChanged }: ConflictsProps) {
  const { busy, problem, run } = useWrite();
  const loaded = useGet(`/erp/conflicts?connection_id=${id}&state=open&limit=50`, version);
  const rows = loaded?.value ?? [];
  const resolve = (conflict: ErpConflict, keep: "ours" | "theirs") =>
    void run(() => post(`/erp/conflicts/${conflict.id}/resolve`, { keep })).then(onChanged);
  return (
    <section aria-label="Conflicts and differences">
      <h3>Conflicts and differences</h3>
      <ProblemText problem={problem ?? loaded?.problem ?? null} />
      {loaded?.value && rows.length === 0 && <p class="empty">Both sides agree.</p>}
      <ul class="plain">
        {rows.map((conflict) => {
          const [ours, theirs] = answers(conflict.type);
          return (
            <li key={conflict.id}>
              <p>
                <strong>{TYPES[conflict.type]}</strong> ({conflict.kind}): {conflict.message}
                {conflict.type === "both_changed" && ` Ours: ${valueOf(conflict.ours)}; theirs: ${theirsOf(conflict)}.`}
              </p>
              <div class="actions">
                <button type="button" disabled={busy} onClick={() => resolve(conflict, "ours")}>
                  {ours}
                </button>
                <button type="button" disabled={busy} onClick={() => resolve(conflict, "theirs")}>
                  {theirs}
                </button>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const valueOf = (value: unknown): string => (typeof value === "string" ? `“${value}”` : JSON.stringify(value));

const theirsOf = ({ theirs, subject }: ErpConflict): string => {
  const field = subject === "base_unit" ? "unit" : subject;
  return valueOf((theirs as Record<string, unknown> | null)?.[field] ?? null);
};
