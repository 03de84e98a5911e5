import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";
import type { Position } from "../../broker/journal/journal.ts";

/** How far a consumer has come, and what its decoders remember there. */
export interface Progress {
  position: Position;
  /** decoder state by device, of formats in which a message may need what an earlier one said; plain JSON */
  decoderStates: Map<string, unknown>;
}

/** A cursor in a file of its own, for a consumer whose writes are idempotent: losing the last step only repeats it. */
export interface CursorFile {
  /** undefined when it was never saved, or belongs to another journal */
  load(journalId: string): Promise<Progress | undefined>;
  save(journalId: string, progress: Progress): Promise<void>;
}

interface Saved extends Position {
  journalId: string;
  decoderStates?: Record<string, unknown>;
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
      const { decoderStates = {}, ...saved } = JSON.parse(text) as Saved;
      if (saved.journalId !== journalId) return undefined;
      const position = { segment: saved.segment, offset: saved.offset };
      return { position, decoderStates: new Map(Object.entries(decoderStates)) };
    },
    async save(journalId, { position, decoderStates }) {
      const { segment, offset } = position;
      const saved: Saved = { journalId, segment, offset };
      if (decoderStates.size > 0) saved.decoderStates = Object.fromEntries(decoderStates);
      await writeFileAtomically(path, JSON.stringify(saved));
    },
  };
}
