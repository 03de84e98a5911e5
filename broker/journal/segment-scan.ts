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
  onCorruption: (damage: Corruption) => void;
}

/**
 * Reads one segment from front to back, whole frames only. Where a frame isn't right it looks for the next one that
 * is. As long as the segment may still grow, a bad end is taken for a write that isn't finished; once it can't, a frame
 * that is cut short is the torn end of a crash (nobody was told it was safe), and anything else is damage.
 */
export class SegmentScan {
  readonly segment: number;
  /** the sequence the segment's own header announces for its first frame; undefined when the header is damaged */
  firstSequence: number | undefined;
  /** nothing more will ever be read here */
  exhausted = false;
  readonly #window: SegmentWindow;
  readonly #marker: Buffer;
  readonly #options: ScanOptions;
  #offset: number;
  /** how far a search for the next good frame has come without finding one */
  #searched = 0;
  /** the last place that looked bad and was read a second time */
  #doubted = 0;

  private constructor(window: SegmentWindow, options: ScanOptions) {
    this.#window = window;
    this.#options = options;
    this.segment = options.segment;
    this.#marker = frameMarker(options.journalId, options.segment);
    this.#offset = Math.max(options.offset, SEGMENT_HEADER_BYTES);
  }

  /** Opens the segment and looks at its header. Throws what the file system says. */
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

  /** Hands out frames of about `maxBytes` and returns their bytes. `final`: the segment can't grow any more. */
  async read(emit: (frame: Frame) => void, maxBytes: number, final: boolean): Promise<number> {
    let taken = 0;
    while (taken < maxBytes && !this.exhausted) {
      const at = this.#offset;
      const headerBytes = await this.#window.bytes(at, FRAME_HEADER_BYTES);
      if (!headerBytes) {
        if (final) this.#end();
        break;
      }
      const header = readFrameHeader(headerBytes, this.#marker);
      if (!header) {
        if (this.#readAgain(at) || (await this.#skipTo("no frame begins here", at + 1, final))) continue;
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
        if (this.#readAgain(at) || (await this.#skipBody(header, next, final))) continue;
        break;
      }
      this.#offset = next;
      emit({ next: { segment: this.segment, offset: next }, sequence: header.sequence, messages });
      taken += next - at;
    }
    return taken;
  }

  close(): Promise<void> {
    return this.#window.close();
  }

  async #readHeader(): Promise<void> {
    const bytes = await this.#window.bytes(0, SEGMENT_HEADER_BYTES);
    const header = bytes && readSegmentHeader(bytes);
    const { journalId, segment, offset } = this.#options;
    if (header && (header.journalId !== journalId || header.segment !== segment)) {
      this.#damage(0, this.#window.size(), `this is segment ${header.segment} of journal ${header.journalId}`);
      this.exhausted = true;
      return;
    }
    this.firstSequence = header?.firstSequence;
    // A header is on disk before its file has a name, so one that is short or wrong was damaged later.
    if (!header && offset < SEGMENT_HEADER_BYTES) {
      const size = this.#window.size();
      this.#damage(0, Math.min(size, SEGMENT_HEADER_BYTES), "the segment's header is damaged");
    }
  }

  /** Bad bytes may be a write caught half done: only what is still bad when read a second time is believed. */
  #readAgain(at: number): boolean {
    if (this.#doubted === at) return false;
    this.#doubted = at;
    this.#window.invalidate();
    return true;
  }

  /** A whole frame whose body is wrong: its header still says where the next one begins. */
  async #skipBody(header: FrameHeader, next: number, final: boolean): Promise<boolean> {
    const reason = `the checksum of frame ${header.sequence} (${header.messages} messages) does not match`;
    return this.#skipTo(reason, next, final);
  }

  /** Goes on at the next good frame at or after `from`; false when there is none (yet). */
  async #skipTo(reason: string, from: number, final: boolean): Promise<boolean> {
    let at = Math.max(from, this.#searched);
    for (;;) {
      const bytes = await this.#window.bytesFrom(at, MARKER_BYTES);
      const found = bytes.indexOf(this.#marker);
      if (found >= 0) {
        const header = await this.#window.bytes(at + found, FRAME_HEADER_BYTES);
        if (header && readFrameHeader(header, this.#marker)) {
          this.#damage(this.#offset, at + found, reason);
          this.#offset = at + found;
          return true;
        }
        if (!header && !final) break;
        at += found + 1;
      } else if (bytes.length < MARKER_BYTES) break;
      // A marker may straddle what is in memory and what follows.
      else at += bytes.length - MARKER_BYTES + 1;
    }
    this.#searched = at;
    if (!final) return false;
    if (await this.#isBlank(this.#offset)) this.#end();
    else {
      const size = this.#window.size();
      this.#damage(this.#offset, size, reason);
      this.#offset = size;
      this.exhausted = true;
    }
    return false;
  }

  /** Zeros where a frame should be: the file had grown, its content had not reached the disk when the power went. */
  async #isBlank(at: number): Promise<boolean> {
    const bytes = await this.#window.bytes(at, FRAME_HEADER_BYTES);
    return bytes !== undefined && bytes.every((byte) => byte === 0);
  }

  #end(): void {
    const torn = this.#window.size() - this.#offset;
    if (torn > 0) {
      const { log } = this.#options;
      log.info({ segment: this.segment, offset: this.#offset, bytes: torn }, "journal: moved past a torn end");
    }
    this.exhausted = true;
  }

  #damage(fromOffset: number, toOffset: number, reason: string): void {
    this.#options.onCorruption({ segment: this.segment, fromOffset, toOffset, reason });
  }
}
