import type { NewFact, Subject } from "../domain/fact.ts";

/** New and withdrawn facts, and subjects to fold again. */
export interface FactChanges {
  added: readonly NewFact[];
  withdrawn: readonly { key: string; subject: Subject; at: number }[];
  /** subjects to fold again although no fact of theirs changed */
  refold?: readonly Subject[];
  /** row versions a person's change was based on */
  expected?: ReadonlyMap<Subject, number> | undefined;
}
