import { setTimeout as sleep } from "node:timers/promises";
import { disk, type JournalFiles } from "../../broker/journal/files.ts";

/** The real disk, but every flush takes so much longer: a disk that really flushes, where this one only says so. */
export function slowedDisk(syncDelayMs: number): JournalFiles {
  return {
    ...disk,
    async create(path) {
      const file = await disk.create(path);
      return {
        ...file,
        async datasync() {
          await file.datasync();
          await sleep(syncDelayMs);
        },
      };
    },
  };
}
