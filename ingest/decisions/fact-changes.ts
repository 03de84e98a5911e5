import type { NewFact, Subject } from "../domain/fact.ts";

/** New and withdrawn facts, and subjects to fold again. */
export interface FactChanges {
  added: readonly NewFact[];
  withdrawn: readonly { key: string; subject: Subject; at: number }[];
  /** what people say is wrong, by the keys of the facts that say so, which are among `added` */
  voided?: readonly { key: string; subject: Subject; at: number; by: string; reason: string }[];
  /** what holds after all; `fact` undefined: its readings do not give it any longer */
  restored?: readonly { key: string; fact: NewFact | undefined }[];
  /** why a person has voided or restored something: the custody log tells it with what it corrects */
  because?: string;
  /** begins custody logs of the subjects that are folded again, and writes no row that stays the same */
  onlyCustody?: true;
  /** subjects to fold again although no fact of theirs changed */
  refold?: readonly Subject[];
  /** planned trips that changed: those of this vehicle around these times (epoch milliseconds) are folded again */
  plans?: readonly { vehicleId: number; at: number }[];
  /** row versions a person's change was based on */
  expected?: ReadonlyMap<Subject, number> | undefined;
}
