import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";

const MOST_BYTES = 8 * 2 ** 30;

/** Bytes the journal may grow to when nothing is said: 8 GiB or half of what is free where it lies, the smaller. */
export function defaultJournalBytes(dataDirectory: string): number {
  // The directory may not exist before the first start: ask the nearest one above it that does.
  for (let folder = resolve(dataDirectory); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return Math.min(MOST_BYTES, Math.floor((bavail * bsize) / 2));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || folder === dirname(folder)) throw error;
    }
  }
}
