import type { Logger } from "pino";
import { segmentPath } from "./directory.ts";
import {
  FRAME_HEADER_BYTES,
  type FrameHeader,
  frameMarker,
  MARKER_BYTES,
  readFrameBody,
  readFrameHeader,
} from "./frame.ts";
import type { Corruption, Frame } from "./journal.ts";
import { readSegmentHeader, SEGMENT_HEADER_BYTES } from "./segment-header.ts";
import { SegmentWindow } from "./segment-window.ts";

interface ScanOptions {
  directory: string;
  journalId: string;
  segment: number;
  /** byte offset to begin at; 0 is the segment's start */
  offset: number;
  log: Logger;
  onCorruption: (corruption: Corruption) => void;
}

/**
 * Reads one segment from front to back, whole frames only. After an invalid frame it searches for the next valid one.
 * While the segment may still grow, an invalid end counts as an unfinished write. After that, a truncated frame is the torn
 * end of a crash, which was never acknowledged, and anything else is corruption.
 */
export class SegmentScan {
  readonly segment: number;
  /** sequence of the first frame according to the segment header; undefined: the header is corrupt */
  firstSequence: number | undefined;
  /** no further frame will be read from this segment */
  exhausted = false;
  readonly #window: SegmentWindow;
  readonly #marker: Buffer;
  readonly #options: ScanOptions;
  #offset: number;
  /** offset up to which no valid frame was found */
  #searchedTo = 0;
  /** offset of the last invalid frame that was read a second time */
  #rereadAt = 0;

  private constructor(window: SegmentWindow, options: ScanOptions) {
    this.#window = window;
    this.#options = options;
    this.segment = options.segment;
    this.#marker = frameMarker(options.journalId, options.segment);
    this.#offset = Math.max(options.offset, SEGMENT_HEADER_BYTES);
  }

  /** Opens the segment and reads its header. @throws errors of the file system, and where its format is unknown */
  static async open(options: ScanOptions): Promise<SegmentScan> {
    const scan = new SegmentScan(await SegmentWindow.open(segmentPath(options.directory, options.segment)), options);
    try {
      await scan.#readHeader();
      return scan;
    } catch (error) {
      await scan.close();
      throw error;
    }
  }

  get offset(): number {
    return this.#offset;
  }

  /**
   * Reads frames of about `maxBytes` in all.
   * @param final the segment will not grow any more
   * @returns the bytes of the frames
   */
  async read(emit: (frame: Frame) => void, maxBytes: number, final: boolean): Promise<number> {
    let readBytes = 0;
    while (readBytes < maxBytes && !this.exhausted) {
      const at = this.#offset;
      const headerBytes = await this.#window.bytes(at, FRAME_HEADER_BYTES);
      if (!headerBytes) {
        if (final) this.#end();
        break;
      }
      const header = readFrameHeader(headerBytes, this.#marker);
      if (!header) {
        if (this.#shouldReread(at) || (await this.#skipTo("no frame begins here", at + 1, final))) continue;
        break;
      }
      const next = at + FRAME_HEADER_BYTES + header.bodyBytes;
      const body = await this.#window.bytes(at + FRAME_HEADER_BYTES, header.bodyBytes);
      if (!body) {
        if (final) this.#end();
        break;
      }
      const messages = readFrameBody(body, header);
      if (!messages) {
        if (this.#shouldReread(at) || (await this.#skipBody(header, next, final))) continue;
        break;
      }
      this.#offset = next;
      emit({ next: { segment: this.segment, offset: next }, sequence: header.sequence, messages });
      readBytes += next - at;
    }
    return readBytes;
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  async #readHeader(): Promise<void> {
    const bytes = await this.#window.bytes(0, SEGMENT_HEADER_BYTES);
    const header = bytes && readSegmentHeader(bytes);
    const { journalId, segment, offset } = this.#options;
    if (header && (header.journalId !== journalId || header.segment !== segment)) {
      this.#reportCorruption(
        0,
        this.#window.size(),
        `this is segment ${header.segment} of journal ${header.journalId}`,
      );
      this.exhausted = true;
      return;
    }
    this.firstSequence = header?.firstSequence;
    // The header is on disk before the file gets its name, so a truncated or invalid header was corrupted later.
    if (!header && offset < SEGMENT_HEADER_BYTES) {
      const size = this.#window.size();
      this.#reportCorruption(0, Math.min(size, SEGMENT_HEADER_BYTES), "the segment header is corrupt");
    }
  }

  /** The first time at an offset, invalid bytes may be a write in progress: they are read once more. */
  #shouldReread(at: number): boolean {
    if (this.#rereadAt === at) return false;
    this.#rereadAt = at;
    this.#window.invalidate();
    return true;
  }

  /** Skips a frame with a valid header and an invalid body: the header gives the offset of the next frame. */
  async #skipBody(header: FrameHeader, next: number, final: boolean): Promise<boolean> {
    const reason = `the checksum of frame ${header.sequence} (${header.messages} messages) does not match`;
    return this.#skipTo(reason, next, final);
  }

  /** Continues at the next valid frame at or after `from`. @returns false: there is none, or none yet */
  async #skipTo(reason: string, from: number, final: boolean): Promise<boolean> {
    let at = Math.max(from, this.#searchedTo);
    for (;;) {
      const bytes = await this.#window.bytesFrom(at, MARKER_BYTES);
      const found = bytes.indexOf(this.#marker);
      if (found >= 0) {
        const header = await this.#window.bytes(at + found, FRAME_HEADER_BYTES);
        if (header && readFrameHeader(header, this.#marker)) {
          this.#reportCorruption(this.#offset, at + found, reason);
          this.#offset = at + found;
          return true;
        }
        if (!header && !final) break;
        at += found + 1;
      } else if (bytes.length < MARKER_BYTES) break;
      // A marker may lie across the end of the bytes in memory.
      else at += bytes.length - MARKER_BYTES + 1;
    }
    this.#searchedTo = at;
    if (!final) return false;
    if (await this.#isBlank(this.#offset)) this.#end();
    else {
      const size = this.#window.size();
      this.#reportCorruption(this.#offset, size, reason);
      this.#offset = size;
      this.exhausted = true;
    }
    return false;
  }

  /** Whether there are zeros where a frame should be: at a power loss the file had grown but its content was not on disk. */
  async #isBlank(at: number): Promise<boolean> {
    const bytes = await this.#window.bytes(at, FRAME_HEADER_BYTES);
    return bytes !== undefined && bytes.every((byte) => byte === 0);
  }

  #end(): void {
    const torn = this.#window.size() - this.#offset;
    if (torn > 0) {
      const { log } = this.#options;
      log.info(
        { segment: this.segment, offset: this.#offset, bytes: torn },
        "journal: skipped the torn end of a segment",
      );
    }
    this.exhausted = true;
  }

  #reportCorruption(fromOffset: number, toOffset: number, reason: string): void {
    this.#options.onCorruption({ segment: this.segment, fromOffset, toOffset, reason });
  }
}
