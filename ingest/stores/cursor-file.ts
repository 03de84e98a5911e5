import { readFile, rename, writeFile } from "node:fs/promises";
import type { Position } from "../../broker/journal/journal.ts";

/** A cursor in a file of its own, for a consumer whose writes are idempotent: losing the last step only repeats it. */
export interface CursorFile {
  /** undefined when it was never saved, or belongs to another journal */
  load(journalId: string): Promise<Position | undefined>;
  save(journalId: string, position: Position): Promise<void>;
}

export function cursorFile(path: string): CursorFile {
  return {
    async load(journalId) {
      let text: string;
      try {
        text = await readFile(path, "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
      const saved = JSON.parse(text) as { journalId: string } & Position;
      return saved.journalId === journalId ? { segment: saved.segment, offset: saved.offset } : undefined;
    },
    async save(journalId, position) {
      // Renamed into place: a crash leaves the old cursor or the new one, never half of one.
      await writeFile(`${path}.new`, JSON.stringify({ journalId, ...position }));
      await rename(`${path}.new`, path);
    },
  };
}
