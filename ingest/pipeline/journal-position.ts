import { CursorBeyondJournal, type JournalReader, type Position } from "../../broker/journal/journal.ts";

/** Below zero when `a` comes before `b` in the journal. */
export function comparePositions(a: Position, b: Position): number {
  return a.segment - b.segment || a.offset - b.offset;
}

/** Whether the journal ends before `position`: its files were restored from a backup, or some are missing. */
export async function endsBefore(journal: JournalReader, position: Position): Promise<boolean> {
  try {
    await journal.read(position, 1);
    return false;
  } catch (error) {
    if (error instanceof CursorBeyondJournal) return true;
    throw error;
  }
}

/** The one that is less far; undefined when one of them is. */
export function slowest(a: Position | undefined, b: Position | undefined): Position | undefined {
  if (a === undefined || b === undefined) return a;
  return comparePositions(a, b) < 0 ? a : b;
}
