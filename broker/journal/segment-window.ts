import { fstatSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";

const CHUNK_BYTES = 1024 * 1024;

/**
 * The part of a segment file that is in memory. It reads only what it does not have, a megabyte at a time, and always into
 * new memory, since decoded payloads share it and may outlive the next read.
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

  /** The current size of the file. Synchronous, because every poll calls it and it takes two microseconds. */
  size(): number {
    return fstatSync(this.#handle.fd).size;
  }

  /** The `length` bytes at `at`; undefined: the file does not contain all of them yet. */
  async bytes(at: number, length: number): Promise<Buffer | undefined> {
    return this.#contains(at, length) || (await this.#fill(at, length)) ? this.#slice(at, length) : undefined;
  }

  /** At least `minBytes` bytes from `at` on; fewer only at the end of the file. */
  async bytesFrom(at: number, minBytes: number): Promise<Buffer> {
    if (!this.#contains(at, minBytes)) await this.#fill(at, minBytes);
    return this.#contains(at, 0) ? this.#slice(at, this.#start + this.#bytes.length - at) : Buffer.alloc(0);
  }

  /** Drops the bytes in memory, so that the next call reads the file again. */
  invalidate(): void {
    this.#bytes = Buffer.alloc(0);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #contains(at: number, length: number): boolean {
    return at >= this.#start && at + length <= this.#start + this.#bytes.length;
  }

  #slice(at: number, length: number): Buffer {
    return this.#bytes.subarray(at - this.#start, at - this.#start + length);
  }

  async #fill(at: number, length: number): Promise<boolean> {
    const size = this.size();
    if (at + length > size) return false;
    const kept = this.#contains(at, 0) ? this.#slice(at, this.#start + this.#bytes.length - at) : Buffer.alloc(0);
    const bytes = Buffer.allocUnsafeSlow(Math.min(size - at, Math.max(CHUNK_BYTES, length)));
    kept.copy(bytes);
    let filled = Math.min(kept.length, bytes.length);
    while (filled < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, filled, bytes.length - filled, at + filled);
      // The writer has truncated a failed flush in the meantime.
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    this.#bytes = bytes.subarray(0, filled);
    this.#start = at;
    return filled >= length;
  }
}
