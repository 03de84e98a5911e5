import { fstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const CHUNK_BYTES = 1024 * 1024;

/**
 * The part of a segment's file that is in memory. It only reads what it doesn't have, a megabyte at a time, always into
 * fresh memory: decoded payloads point into it and may outlive the next read.
 */
export class SegmentWindow {
  readonly #handle: FileHandle;
  #bytes: Buffer = Buffer.alloc(0);
  /** where in the file `#bytes` begins */
  #start = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(path: string): Promise<SegmentWindow> {
    return new SegmentWindow(await open(path, "r"));
  }

  /** the file's length now; synchronous because it is asked at every poll and costs two microseconds */
  size(): number {
    return fstatSync(this.#handle.fd).size;
  }

  /** The `length` bytes at `at`, or undefined while the file doesn't hold all of them. */
  async bytes(at: number, length: number): Promise<Buffer | undefined> {
    return this.#have(at, length) || (await this.#fill(at, length)) ? this.#slice(at, length) : undefined;
  }

  /** What is in memory from `at` on, read first when that is less than `least` bytes; fewer only at the file's end. */
  async bytesFrom(at: number, least: number): Promise<Buffer> {
    if (!this.#have(at, least)) await this.#fill(at, least);
    return this.#have(at, 0) ? this.#slice(at, this.#start + this.#bytes.length - at) : Buffer.alloc(0);
  }

  /** Makes the next question read the file again. */
  invalidate(): void {
    this.#bytes = Buffer.alloc(0);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #have(at: number, length: number): boolean {
    return at >= this.#start && at + length <= this.#start + this.#bytes.length;
  }

  #slice(at: number, length: number): Buffer {
    return this.#bytes.subarray(at - this.#start, at - this.#start + length);
  }

  async #fill(at: number, length: number): Promise<boolean> {
    const size = this.size();
    if (at + length > size) return false;
    const kept = this.#have(at, 0) ? this.#slice(at, this.#start + this.#bytes.length - at) : Buffer.alloc(0);
    const bytes = Buffer.allocUnsafeSlow(Math.min(size - at, Math.max(CHUNK_BYTES, length)));
    kept.copy(bytes);
    let filled = Math.min(kept.length, bytes.length);
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, at + filled);
      // The writer cut a failed flush off while we were reading.
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#bytes = bytes.subarray(0, filled);
    this.#start = at;
    return filled >= length;
  }
}
