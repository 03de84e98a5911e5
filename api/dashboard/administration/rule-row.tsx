import type { ComponentChildren } from "preact";
import { ProblemText } from "../panels/controls/problem-text.tsx";
import { useWrite } from "../panels/controls/use-write.ts";
import { ConfirmButton } from "../panels/controls/confirm-button.tsx";
import { EntryRow } from "./entry-row.tsx";

/** Locations that a rule may name. */
export type Places = readonly (readonly [id: number, name: string])[];

/** What alert rules and notification rules have in common. */
interface Rule {
  id: number;
  name: string;
  enabled: boolean;
  location_ids: number[] | null;
}

interface RuleRowProps {
  rule: Rule;
  locations: Places;
  /** below its name */
  note: string;
  /** what it is about, told before where */
  about?: string;
  whatNote: string | null;
  /** states beside `off` */
  before?: ComponentChildren;
  after?: ComponentChildren;
  /** warning text: what removing the rule does to its alerts or deliveries */
  removal: string;
  onRemove: () => Promise<unknown>;
  onChanged: () => void;
  /** the form that changes it, and what else is shown of it; drawn while the row is open */
  children: () => ComponentChildren;
}

/** A rule as one line of a list, which opens to change or remove it. */
export function RuleRow(props: RuleRowProps) {
  const { rule, locations, note, about, whatNote, before, after, removal, onRemove, onChanged, children } = props;
  const { busy, problem, run } = useWrite();
  const names = new Map(locations);
  const places = rule.location_ids?.map((id) => names.get(id) ?? `location ${id}`).join(", ") ?? "everywhere";
  return (
    <EntryRow
      id={rule.id}
      who={rule.name}
      whoNote={note}
      what={about === undefined ? places : `${about}; ${places}`}
      whatNote={whatNote}
      states={
        <>
          {before}
          {!rule.enabled && <span class="state">off</span>}
          {after}
        </>
      }
    >
      {() => (
        <>
          {children()}
          <div class="actions">
            <ConfirmButton
              label="Remove"
              question={`${removal} Remove this rule?`}
              disabled={busy}
              onConfirm={() => void run(onRemove).then((isDone) => isDone && onChanged())}
            />
          </div>
          <ProblemText problem={problem} />
        </>
      )}
    </EntryRow>
  );
}
