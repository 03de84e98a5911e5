import type { Logger } from "pino";
import { isUnreadable, listSegments } from "./directory.ts";
import type { Frame } from "./journal.ts";
import { SegmentScan } from "./segment-scan.ts";

const STEP_BYTES = 4 * 1024 * 1024;

/** The sequence of the next frame: one more than that of the last frame that can be read. */
export async function nextSequence(directory: string, journalId: string, log: Logger): Promise<number> {
  for (const segment of (await listSegments(directory)).reverse()) {
    try {
      const next = await sequenceAfter(directory, journalId, segment, log);
      if (next !== undefined) return next;
    } catch (error) {
      // Readers report an unreadable segment, as they report corruption. It does not stop the writer.
      if (!isUnreadable(error)) throw error;
    }
  }
  return 1;
}

async function sequenceAfter(
  directory: string,
  journalId: string,
  segment: number,
  log: Logger,
): Promise<number | undefined> {
  const scan = await SegmentScan.open({ directory, journalId, segment, offset: 0, log, onCorruption: () => {} });
  try {
    let next = scan.firstSequence;
    const count = (frame: Frame): void => {
      next = frame.sequence + 1;
    };
    while (!scan.exhausted) await scan.read(count, STEP_BYTES, true);
    return next;
  } finally {
    await scan.close();
  }
}
