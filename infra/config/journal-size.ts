import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";

const MAX_DEFAULT_BYTES = 8 * 2 ** 30;

/** The default of JOURNAL_MAX_BYTES: 8 GiB or half of the free disk space, the smaller. */
export function defaultJournalBytes(dataDirectory: string): number {
  // Before the first start the directory does not exist: use its nearest existing ancestor.
  for (let folder = resolve(dataDirectory); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return Math.min(MAX_DEFAULT_BYTES, Math.floor((bavail * bsize) / 2));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT" || folder === dirname(folder)) throw error;
    }
  }
}
