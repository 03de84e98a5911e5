import { open, rename, rm, statfs } from "node:fs/promises";

/** A segment's file while it is being written. */
export interface SegmentFile {
  /** Writes from `position` on and returns how many bytes it took, which may be fewer than given. */
  write(bytes: Buffer, position: number): Promise<number>;
  /** Returns once everything written is on the medium (fdatasync). */
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** What the journal's writer asks of a file system. Every refusal is a thrown error with Node's `code`. */
export interface JournalFiles {
  /** Opens an empty file for writing; an older one of that name is emptied. */
  create(path: string): Promise<SegmentFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes names created, changed and removed in the directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** bytes an ordinary user may still write to the file system that holds the directory */
  freeBytes(path: string): Promise<number>;
}

/** The real disk. */
export const disk: JournalFiles = {
  async create(path) {
    const handle = await open(path, "w", 0o640);
    return {
      write: async (bytes, position) => (await handle.write(bytes, 0, bytes.length, position)).bytesWritten,
      datasync: () => handle.datasync(),
      truncate: (bytes) => handle.truncate(bytes),
      close: () => handle.close(),
    };
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncDirectory(path) {
    // Windows neither needs this nor can open a directory as a file.
    if (process.platform === "win32") return;
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

/** Writes all of `bytes`, however many calls that takes. */
export async function writeAll(file: SegmentFile, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const count = await file.write(written === 0 ? bytes : bytes.subarray(written), position + written);
    if (count === 0) throw Object.assign(new Error("the disk took no more bytes"), { code: "ENOSPC" });
    written += count;
  }
}
