import type { Logger } from "pino";
import { segmentPath, TEMP_SUFFIX } from "./directory.ts";
import { type JournalFiles, type SegmentFile, writeAll } from "./files.ts";
import { frameMarker } from "./frame.ts";
import { SEGMENT_HEADER_BYTES, type SegmentHeader, writeSegmentHeader } from "./segment-header.ts";

/** The segment being written. `end` is the end of the last frame that is known to be on disk. */
export class ActiveSegment {
  readonly number: number;
  readonly marker: Buffer;
  readonly path: string;
  end = SEGMENT_HEADER_BYTES;
  readonly #file: SegmentFile;
  readonly #log: Logger;

  private constructor(file: SegmentFile, path: string, header: SegmentHeader, log: Logger) {
    this.#file = file;
    this.#log = log;
    this.path = path;
    this.number = header.segment;
    this.marker = frameMarker(header.journalId, header.segment);
  }

  /**
   * Resolves once the file, its header and its name are on disk. A failure leaves at most an empty segment. A segment that
   * has had its final name is never replaced by another with the same number, since a reader may have it open.
   */
  static async create(
    directory: string,
    header: SegmentHeader,
    files: JournalFiles,
    log: Logger,
  ): Promise<ActiveSegment> {
    const path = segmentPath(directory, header.segment);
    const file = await files.create(path + TEMP_SUFFIX);
    try {
      await writeAll(file, writeSegmentHeader(header), 0);
      await file.datasync();
      await files.rename(path + TEMP_SUFFIX, path);
      await files.syncDirectory(directory);
      return new ActiveSegment(file, path, header, log);
    } catch (error) {
      await logFailure(log, "close", file.close());
      await logFailure(log, "remove", files.remove(path + TEMP_SUFFIX));
      throw error;
    }
  }

  get isEmpty(): boolean {
    return this.end === SEGMENT_HEADER_BYTES;
  }

  /** Writes `bytes` at `end` and resolves once they are on disk. The caller then advances `end`. */
  async append(bytes: Buffer): Promise<void> {
    await writeAll(this.#file, bytes, this.end);
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /**
   * Gives the file up after a failed write or sync, since the kernel's cache of it can no longer be trusted. Truncates
   * what was never acknowledged. @returns whether that worked; if not, readers may see frames that were not acknowledged,
   * which does no harm: a device without PUBACK sends again
   */
  async abandon(): Promise<boolean> {
    const truncated = await logFailure(this.#log, "truncate", this.#file.truncate(this.end));
    await logFailure(this.#log, "close", this.#file.close());
    return truncated;
  }
}

/** Runs a clean-up step after a failed write. Its own failure is only logged. @returns whether the step succeeded */
async function logFailure(log: Logger, step: string, done: Promise<void>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    log.warn({ err: error, step }, "journal: could not clean up after a failed write");
    return false;
  }
}
