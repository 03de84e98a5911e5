import type { Logger } from "pino";
import { segmentPath, TEMP_SUFFIX } from "./directory.ts";
import { type JournalFiles, type SegmentFile, writeAll } from "./files.ts";
import { frameMarker } from "./frame.ts";
import { SEGMENT_HEADER_BYTES, type SegmentHeader, writeSegmentHeader } from "./segment-header.ts";

/** The segment being written. `end` is where the last frame that is known to be on disk ends. */
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
   * Returns once the file, its header and its name are on disk. A failure leaves at most an empty segment: once a file
   * has had its name a reader may hold it open, so it isn't taken away again for another of the same number.
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
      await quietly(log, "close", file.close());
      await quietly(log, "remove", files.remove(path + TEMP_SUFFIX));
      throw error;
    }
  }

  get isEmpty(): boolean {
    return this.end === SEGMENT_HEADER_BYTES;
  }

  /** Returns once `bytes` are on disk behind everything written before; `end` is the caller's to move. */
  async append(bytes: Buffer): Promise<void> {
    await writeAll(this.#file, bytes, this.end);
    await this.#file.datasync();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  /**
   * Gives the file up after a failed write or sync: what the kernel holds of it can't be trusted any more. Cuts off what
   * was never acknowledged and says whether that worked; if it didn't, readers may still see those frames, which does no
   * harm: a device that got no PUBACK sends again.
   */
  async abandon(): Promise<boolean> {
    const truncated = await quietly(this.#log, "truncate", this.#file.truncate(this.end));
    await quietly(this.#log, "close", this.#file.close());
    return truncated;
  }
}

/** For the steps of cleaning up after a failure, whose own failures add nothing but a line in the log. */
async function quietly(log: Logger, step: string, done: Promise<void>): Promise<boolean> {
  try {
    await done;
    return true;
  } catch (error) {
    log.warn({ err: error, step }, "journal: could not clean up after a failed write");
    return false;
  }
}
