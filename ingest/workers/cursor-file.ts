import type { Logger } from "pino";
import { z } from "zod";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";
import type { Position } from "../../broker/journal/journal.ts";
import { readSavedFile } from "./saved-file.ts";

/** How far a consumer has come, and what its decoders remember there. */
export interface Progress {
  position: Position;
  /** the number of the frame that is expected there; undefined: not known */
  sequence: number | undefined;
  /** decoder state by device, of formats in which a message may need what an earlier one said; plain JSON */
  decoderStates: Map<string, unknown>;
}

/** A cursor in a file of its own, for a consumer whose writes are idempotent: losing the last step only repeats it. */
export interface CursorFile {
  /** undefined when it was never saved, is damaged, or belongs to another journal */
  load(journalId: string): Promise<Progress | undefined>;
  /** resolves when it is on disk */
  save(journalId: string, progress: Progress): Promise<void>;
}

const saved = z.object({
  journalId: z.string(),
  segment: z.int().nonnegative(),
  offset: z.int().nonnegative(),
  sequence: z.int().optional(),
  decoderStates: z.record(z.string(), z.unknown()).default({}),
});

export function cursorFile(path: string, log: Logger): CursorFile {
  return {
    async load(journalId) {
      const found = await readSavedFile({ path, schema: saved, log });
      if (found === undefined || found.journalId !== journalId) return undefined;
      const { segment, offset, sequence, decoderStates } = found;
      return { position: { segment, offset }, sequence, decoderStates: new Map(Object.entries(decoderStates)) };
    },
    async save(journalId, { position: { segment, offset }, sequence, decoderStates }) {
      const states = decoderStates.size > 0 && { decoderStates: Object.fromEntries(decoderStates) };
      await writeFileAtomically(path, JSON.stringify({ journalId, segment, offset, sequence, ...states }));
    },
  };
}
