import { open, rename, rm, statfs } from "node:fs/promises";

/** The file of a segment that is being written. */
export interface SegmentFile {
  /** Writes at `position`. @returns the number of bytes written, which may be fewer than given */
  write(bytes: Buffer, position: number): Promise<number>;
  /** Resolves once everything written is on the disk (fdatasync). */
  datasync(): Promise<void>;
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The file operations of the journal's writer. Failures are thrown with Node's error `code`. */
export interface JournalFiles {
  /** Opens an empty file for writing. An existing file is truncated. */
  create(path: string): Promise<SegmentFile>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes the names of files that were created, renamed or removed in the directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Free bytes for an ordinary user on the file system of the directory. */
  freeBytes(path: string): Promise<number>;
}

/** The operating system's disk. */
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
    // Windows does not need this, and cannot open a directory as a file.
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

/** Writes all of `bytes`, in as many calls as needed. */
export async function writeAll(file: SegmentFile, bytes: Buffer, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const count = await file.write(written === 0 ? bytes : bytes.subarray(written), position + written);
    if (count === 0) throw Object.assign(new Error("the disk accepted no more bytes"), { code: "ENOSPC" });
    written += count;
  }
}
