import type { NewFact, Subject } from "../domain/fact.ts";
import { absenceOf, type ReaderLife } from "../signals/reader-life.ts";

/** Whether a fact says that a tag is no longer at a place. A portal that reads a tag no more has only let it pass. */
export function isAbsence(fact: NewFact): fact is NewFact & { type: "gone" } {
  return fact.type === "gone" && fact.data.locationId !== null && fact.data.portal !== true;
}

/**
 * The end of a dwell as its reader proves it (signals/reader-life.ts): at the proven time, or undefined when nothing proves
 * that the reader would have read the tag.
 * @param readAgainAt when the tag was read again; undefined: it was not
 */
export function provenEnd(fact: NewFact, life: ReaderLife | undefined, readAgainAt?: number): NewFact | undefined {
  if (!isAbsence(fact) || life === undefined) return fact;
  const absence = absenceOf(life, fact.data.last, fact.at - fact.data.last);
  if (absence === undefined || (readAgainAt !== undefined && absence.provenAt >= readAgainAt)) return undefined;
  return { ...fact, at: absence.at, concludedAt: Math.max(absence.at, fact.concludedAt ?? 0) };
}

/**
 * Adds the facts of a tag; those that its reader does not prove are withdrawn: a timer may have reported them before.
 * @param isReadAgain whether the next read of the tag has concluded them
 */
export function addProven(
  into: { added: NewFact[]; withdrawn: { key: string; subject: Subject; at: number }[] },
  derived: readonly NewFact[],
  life: ReaderLife | undefined,
  isReadAgain = true,
): void {
  for (const fact of derived) {
    const proven = provenEnd(fact, life, isReadAgain ? fact.concludedAt : undefined);
    if (proven) into.added.push(proven);
    else into.withdrawn.push({ key: fact.key, subject: fact.subject, at: fact.at });
  }
}
