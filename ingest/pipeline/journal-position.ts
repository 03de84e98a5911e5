import { CursorBeyondJournal, type JournalReader, type Position } from "../../broker/journal/journal.ts";

/** Below zero when `a` comes before `b` in the journal. */
export function comparePositions(a: Position, b: Position): number {
  return a.segment - b.segment || a.offset - b.offset;
}

/** Whether the journal's files end before `position`: they were put back from a backup, or some are gone. */
export async function endsBefore(journal: JournalReader, position: Position): Promise<boolean> {
  try {
    await journal.read(position, 1);
    return false;
  } catch (error) {
    if (error instanceof CursorBeyondJournal) return true;
    throw error;
  }
}
