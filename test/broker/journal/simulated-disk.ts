import { truncate, writeFile } from "node:fs/promises";
import { disk, type JournalFiles, type SegmentFile } from "../../../broker/journal/files.ts";

const SECTOR_BYTES = 512;

interface Tracked {
  path: string;
  /** its name after a power loss; undefined until the directory has been synced */
  durablePath: string | undefined;
  content: Buffer;
  /** its content after a power loss */
  durable: Buffer;
}

/**
 * A disk that can fail and lose power. It writes to the real disk, so that readers see what the page cache would show, and
 * records what has been synced. After `losePower` each sector written since the last sync has either its new content or
 * zeros, independently of its neighbours, as on a real disk.
 */
export class FailingDisk implements JournalFiles {
  /** the power fails in the middle of the last of these operations */
  operationsLeft = Number.POSITIVE_INFINITY;
  /** how many of the next fdatasyncs fail; as in the kernel, the data of a failed fdatasync is lost */
  failingSyncs = 0;
  /** error code of every write while it is set */
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
          // The kernel marks the pages clean nevertheless, so the next sync has nothing to write and succeeds.
          const lost = Buffer.from(file.content);
          file.durable.copy(lost);
          lost.fill(0, file.durable.length);
          file.durable = lost;
          throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
        }
        await real.datasync();
        const durable = Buffer.from(file.content);
        // Bytes lost in a failed sync stay lost.
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

  /** Turns the directory into the state that the next start finds. */
  async losePower(): Promise<void> {
    for (const file of this.#files) {
      if (file.durablePath === undefined) {
        // The name may or may not have reached the disk.
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
    if (this.dead) throw Object.assign(new Error("the power failed"), { code: "EIO" });
  }
}
