import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { hasCode, isUnreadable, listSegments, readId, segmentBytes, segmentPath, totalBytes } from "./directory.ts";
import { CursorBeyondJournal, type Corruption, type Frame, type JournalReader, type Position } from "./journal.ts";
import { SegmentScan } from "./segment-scan.ts";

/** how often the whole directory is listed while nothing new comes; the next number alone is asked for at every poll */
const LIST_MS = 1000;
const RETRY_MS = 100;

export interface JournalReaderOptions {
  directory: string;
  log: Logger;
  /** how long to wait for a writer to create the journal */
  waitMs?: number;
}

/** Opens the journal for one consumer: a reader keeps one place, so give each cursor a reader of its own. */
export async function openJournalReader(options: JournalReaderOptions): Promise<JournalReader> {
  const { directory, waitMs = 30_000 } = options;
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      const id = (await listSegments(directory)).length > 0 ? await readId(directory) : undefined;
      if (id !== undefined) return new SegmentReader(options, id);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
    if (Date.now() >= deadline) throw new Error(`no journal in ${directory}: the broker has not started there`);
    await sleep(RETRY_MS);
  }
}

class SegmentReader implements JournalReader {
  readonly id: string;
  readonly #directory: string;
  readonly #log: Logger;
  readonly #listeners: ((damage: Corruption) => void)[] = [];
  /** places already reported, and the segments they lie in, which `trim` keeps for a person to look at */
  readonly #reported = new Set<string>();
  readonly #damaged = new Set<number>();
  #scan: SegmentScan | undefined;
  /** where the caller stands if it comes back for more */
  #expected: Position | undefined;
  #sequence: number | undefined;
  /** the newest segment met so far, and when the directory was listed last */
  #newest = 0;
  #listedAt = 0;
  #reading = false;

  constructor(options: JournalReaderOptions, id: string) {
    this.id = id;
    this.#directory = options.directory;
    this.#log = options.log;
  }

  async oldest(): Promise<Position> {
    return { segment: (await listSegments(this.#directory))[0] ?? 1, offset: 0 };
  }

  async read(from: Position, maxBytes: number): Promise<Frame[]> {
    if (this.#reading) throw new Error("a journal reader reads for one consumer, one call after the other");
    this.#reading = true;
    try {
      const frames = await this.#read(from, maxBytes);
      this.#expected = frames.at(-1)?.next ?? from;
      return frames;
    } catch (error) {
      this.#expected = undefined;
      throw error;
    } finally {
      this.#reading = false;
    }
  }

  async lag(from: Position): Promise<number> {
    const segments = await listSegments(this.#directory);
    const later = segments.filter((segment) => segment > from.segment);
    const here = segments.includes(from.segment) ? await segmentBytes(this.#directory, from.segment) : 0;
    return Math.max(0, here - from.offset) + (await totalBytes(this.#directory, later));
  }

  async trim(before: Position): Promise<void> {
    const segments = await listSegments(this.#directory);
    for (const segment of segments.slice(0, -1)) {
      if (segment > before.segment) break;
      if (segment === before.segment && (await segmentBytes(this.#directory, segment)) > before.offset) break;
      const path = segmentPath(this.#directory, segment);
      if (this.#damaged.has(segment)) {
        await rename(path, `${path}.damaged`);
        this.#log.warn(
          { segment, path: `${path}.damaged` },
          "journal: kept a damaged segment aside; delete it when done",
        );
      } else await rm(path, { force: true });
    }
  }

  onCorruption(listener: (damage: Corruption) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    const scan = this.#scan;
    this.#scan = undefined;
    this.#expected = undefined;
    await scan?.close();
  }

  async #read(from: Position, maxBytes: number): Promise<Frame[]> {
    const frames: Frame[] = [];
    const continues = this.#expected?.segment === from.segment && this.#expected.offset === from.offset;
    if (!continues) {
      await this.close();
      this.#sequence = undefined;
    }
    this.#scan ??= await this.#openAt(from);
    // In step with the reports of damage, so that a gap they explain isn't counted again.
    const emit = (frame: Frame): void => {
      this.#expectSequence(frame.sequence, frame.next.segment, frame.next.offset);
      this.#sequence = frame.sequence + 1;
      frames.push(frame);
    };
    let taken = 0;
    while (this.#scan && taken < maxBytes) {
      const scan = this.#scan;
      // Asked before reading: once a newer segment exists, nothing is added to this one.
      const final = await this.#hasNewer(scan.segment);
      try {
        taken += await scan.read(emit, maxBytes - taken, final);
      } catch (error) {
        this.#setAside(error, scan.segment, scan.offset);
        // The newest may be readable again at the next poll; of an older one the rest is given up.
        scan.exhausted = final;
      }
      if (!scan.exhausted) break;
      if (!final && !(await this.#hasNewer(scan.segment))) break;
      const next = await this.#openAt({ segment: scan.segment + 1, offset: 0 });
      if (!next) break;
      this.#scan = next;
      await scan.close();
    }
    return frames;
  }

  /** The first segment at or after `from` that can be opened; undefined when there is none yet. */
  async #openAt(from: Position): Promise<SegmentScan | undefined> {
    const segments = await this.#list();
    const newest = this.#newest;
    if (from.segment > newest + 1 || (from.segment > newest && from.offset > 0)) {
      throw new CursorBeyondJournal(
        `the cursor stands in segment ${from.segment} of journal ${this.id}, but ${this.#directory} ends with segment ` +
          `${newest}: the data directory is older than the database, or part of it was deleted`,
      );
    }
    for (const segment of segments) {
      if (segment < from.segment) continue;
      const offset = segment === from.segment ? from.offset : 0;
      try {
        const { id: journalId } = this;
        const onDamage = (damage: Corruption): void => this.#report(damage);
        const scan = await SegmentScan.open({
          directory: this.#directory,
          journalId,
          segment,
          offset,
          log: this.#log,
          onCorruption: onDamage,
        });
        if (offset === 0 && scan.firstSequence !== undefined) {
          this.#expectSequence(scan.firstSequence, segment, 0);
          this.#sequence = scan.firstSequence;
        }
        return scan;
      } catch (error) {
        if (hasCode(error, "ENOENT")) continue;
        this.#setAside(error, segment, offset);
      }
    }
    return undefined;
  }

  /** Whether a newer segment exists. Numbers seldom have gaps, so most of the time this asks for one name only. */
  async #hasNewer(segment: number): Promise<boolean> {
    if (this.#newest > segment || existsSync(segmentPath(this.#directory, segment + 1))) return true;
    if (Date.now() - this.#listedAt >= LIST_MS) await this.#list();
    return this.#newest > segment;
  }

  async #list(): Promise<number[]> {
    const segments = await listSegments(this.#directory);
    this.#newest = segments.at(-1) ?? 0;
    this.#listedAt = Date.now();
    return segments;
  }

  /** Frames that are simply not there any more (a file cut short or taken away) leave a gap in the count. */
  #expectSequence(sequence: number, segment: number, offset: number): void {
    const missing = sequence - (this.#sequence ?? sequence);
    if (missing <= 0) return;
    const reason = `${missing} frames before frame ${sequence} are missing`;
    this.#report({ segment, fromOffset: offset, toOffset: offset, reason });
  }

  /** Reports a file that can't be opened or read; any other error is the caller's. */
  #setAside(error: unknown, segment: number, offset: number): void {
    if (!isUnreadable(error)) throw error;
    this.#report({ segment, fromOffset: offset, toOffset: offset, reason: `cannot be read: ${String(error)}` });
  }

  #report(damage: Corruption): void {
    // What a known damage explains is not reported a second time as a gap.
    this.#sequence = undefined;
    const place = `${damage.segment}:${damage.fromOffset}`;
    this.#damaged.add(damage.segment);
    if (this.#reported.has(place)) return;
    this.#reported.add(place);
    this.#log.error({ ...damage }, "journal: damaged stretch set aside");
    for (const listener of this.#listeners) listener(damage);
  }
}
