import { truncate, writeFile } from "node:fs/promises";
import { disk, type JournalFiles, type SegmentFile } from "../../../broker/journal/files.ts";

const SECTOR_BYTES = 512;

interface Tracked {
  path: string;
  /** the name it will have after a power loss; undefined while the directory was not synced since it got one */
  durablePath: string | undefined;
  content: Buffer;
  /** what the medium holds */
  durable: Buffer;
}

/**
 * A disk that can lose power. It stores on the real one, so that the journal's readers see what a page cache would show
 * them, and remembers what has been synced. `losePower` leaves what a real disk may leave: of every sector written
 * since the last sync, either the new content or none, whatever its neighbours got.
 */
export class FailingDisk implements JournalFiles {
  /** after so many more operations the power goes, in the middle of the operation */
  operationsLeft = Number.POSITIVE_INFINITY;
  /** how many of the next fdatasyncs fail; like a real one, a failed fdatasync forgets what it had to write */
  failingSyncs = 0;
  /** the code of the error all writing ends with, as long as it is set */
  refusal: string | undefined;
  free = Number.POSITIVE_INFINITY;
  #files: Tracked[] = [];
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  get dead(): boolean {
    return this.operationsLeft <= 0;
  }

  async create(path: string): Promise<SegmentFile> {
    this.#step();
    const real = await disk.create(path);
    const file: Tracked = { path, durablePath: undefined, content: Buffer.alloc(0), durable: Buffer.alloc(0) };
    this.#files.push(file);
    return {
      write: async (bytes, position) => {
        const cut = this.operationsLeft === 1 ? Math.floor(this.#random() * bytes.length) : bytes.length;
        const content = Buffer.alloc(Math.max(file.content.length, position + cut));
        file.content.copy(content);
        bytes.copy(content, position, 0, cut);
        if (!this.dead && this.refusal === undefined) file.content = content;
        this.#step();
        return real.write(bytes, position);
      },
      datasync: async () => {
        this.#step();
        if (this.failingSyncs > 0) {
          this.failingSyncs -= 1;
          // The kernel marks the pages clean all the same, so the next sync has nothing to write and succeeds.
          const lost = Buffer.from(file.content);
          file.durable.copy(lost);
          lost.fill(0, file.durable.length);
          file.durable = lost;
          throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
        }
        await real.datasync();
        const durable = Buffer.from(file.content);
        // Bytes that a failed sync has lost stay lost.
        file.durable.copy(durable);
        file.durable = durable;
      },
      truncate: async (bytes) => {
        this.#step();
        await real.truncate(bytes);
        file.content = file.content.subarray(0, bytes);
        file.durable = file.durable.subarray(0, bytes);
      },
      close: () => real.close(),
    };
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step();
    await disk.rename(from, to);
    for (const file of this.#files) if (file.path === from) file.path = to;
  }

  async remove(path: string): Promise<void> {
    this.#step();
    await disk.remove(path);
    this.#files = this.#files.filter((file) => file.path !== path);
  }

  async syncDirectory(path: string): Promise<void> {
    this.#step();
    await disk.syncDirectory(path);
    for (const file of this.#files) if (file.path.startsWith(path)) file.durablePath = file.path;
  }

  async freeBytes(path: string): Promise<number> {
    return Math.min(this.free, await disk.freeBytes(path));
  }

  /** Turns the directory into what the next start finds. */
  async losePower(): Promise<void> {
    for (const file of this.#files) {
      if (file.durablePath === undefined) {
        // The name may have reached the disk all the same; if not, nobody will find the file.
        if (this.#random() < 0.5) {
          await disk.remove(file.path);
          continue;
        }
      }
      const kept = Buffer.from(file.content);
      file.durable.copy(kept);
      for (let at = file.durable.length; at < kept.length; at += SECTOR_BYTES - (at % SECTOR_BYTES)) {
        const end = Math.min(kept.length, at + SECTOR_BYTES - (at % SECTOR_BYTES));
        if (this.#random() < 0.5) kept.fill(0, at, end);
      }
      await writeFile(file.path, kept);
      if (this.#random() < 0.3) await truncate(file.path, file.durable.length);
    }
    this.#files = [];
    this.operationsLeft = Number.POSITIVE_INFINITY;
  }

  #step(): void {
    if (this.dead) throw Object.assign(new Error("the power is off"), { code: "EIO" });
    if (this.refusal) throw Object.assign(new Error(`${this.refusal}: refused`), { code: this.refusal });
    this.operationsLeft -= 1;
    if (this.dead) throw Object.assign(new Error("the power went"), { code: "EIO" });
  }
}
