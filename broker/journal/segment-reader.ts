import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { hasCode, isUnreadable, listSegments, readId, segmentBytes, segmentPath, unreadBytes } from "./directory.ts";
import { CursorBeyondJournal, type Corruption, type Frame, type JournalReader, type Position } from "./journal.ts";
import { keepSegment, listKept, restoreKept } from "./kept-segments.ts";
import { SegmentScan } from "./segment-scan.ts";

/** how often the directory is listed while no new segment appears; each poll checks only for the next number */
const LIST_MS = 1000;
const RETRY_MS = 100;

export interface JournalReaderOptions {
  directory: string;
  log: Logger;
  /** how long to wait for a writer to create the journal */
  waitMs?: number;
}

/** Opens the journal for one consumer. @throws where no broker has created it within `waitMs` */
export async function openJournalReader(options: JournalReaderOptions): Promise<JournalReader> {
  const { directory, waitMs = 30_000 } = options;
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      const id = (await listSegments(directory)).length > 0 ? await readId(directory) : undefined;
      if (id !== undefined) return new SegmentReader(options, id);
    } catch (error) {
      if (!hasCode(error, "ENOENT")) throw error;
    }
    if (performance.now() >= deadline) throw new Error(`no journal in ${directory}: no broker has started there`);
    await sleep(RETRY_MS);
  }
}

class SegmentReader implements JournalReader {
  readonly id: string;
  readonly #directory: string;
  readonly #log: Logger;
  readonly #listeners: ((corruption: Corruption) => void)[] = [];
  /** corrupt ranges already reported, by segment and offset */
  readonly #reported = new Set<string>();
  /** segments with corrupt ranges: `trim` keeps them for inspection */
  readonly #corruptSegments = new Set<number>();
  #scan: SegmentScan | undefined;
  /** where the next `read` begins if the caller continues */
  #expected: Position | undefined;
  /** sequence of the next frame; undefined: not known */
  #sequence: number | undefined;
  /** the newest segment at the last listing of the directory, and the time of it (monotonic clock, milliseconds) */
  #newest = 0;
  #listedAt = Number.NEGATIVE_INFINITY;
  #reading = false;

  constructor(options: JournalReaderOptions, id: string) {
    this.id = id;
    this.#directory = options.directory;
    this.#log = options.log;
  }

  async oldest(): Promise<Position> {
    const [segment = 1] = await listSegments(this.#directory);
    const kept = (await listKept(this.#directory)).filter((number) => number < segment);
    return { segment: kept[0] ?? segment, offset: 0 };
  }

  async read(from: Position, maxBytes: number): Promise<Frame[]> {
    if (this.#reading) throw new Error("`read` was called before the call before it had resolved");
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
    return unreadBytes(this.#directory, from);
  }

  async trim(before: Position): Promise<void> {
    const segments = await listSegments(this.#directory);
    for (const segment of segments.slice(0, -1)) {
      if (segment > before.segment) break;
      if (segment === before.segment && (await segmentBytes(this.#directory, segment)) > before.offset) break;
      const path = segmentPath(this.#directory, segment);
      if (this.#corruptSegments.has(segment)) {
        await rename(path, `${path}.damaged`);
        this.#log.warn(
          { segment, path: `${path}.damaged` },
          "journal: a corrupt segment was kept for inspection; delete it when done",
        );
      } else await keepSegment(this.#directory, segment);
    }
  }

  onCorruption(listener: (corruption: Corruption) => void): void {
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
    // Checks the sequence frame by frame, so that a gap after a reported corruption is not reported again.
    const emit = (frame: Frame): void => {
      this.#expectSequence(frame.sequence, frame.next.segment, frame.next.offset);
      this.#sequence = frame.sequence + 1;
      frames.push(frame);
    };
    let readBytes = 0;
    while (this.#scan && readBytes < maxBytes) {
      const scan = this.#scan;
      // Checked before reading: once a newer segment exists, nothing is appended to this one.
      const final = await this.#hasNewer(scan.segment);
      try {
        readBytes += await scan.read(emit, maxBytes - readBytes, final);
      } catch (error) {
        this.#reportUnreadable(error, scan.segment, scan.offset);
        // The newest segment may be readable at the next poll. The rest of an older one is skipped.
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

  /** Opens the first readable segment at or after `from`; undefined: there is none yet. */
  async #openAt(from: Position): Promise<SegmentScan | undefined> {
    const segments = await this.#listFrom(from.segment);
    const newest = this.#newest;
    if (from.segment > newest + 1 || (from.segment > newest && from.offset > 0)) {
      throw new CursorBeyondJournal(
        `the cursor is in segment ${from.segment} of journal ${this.id}, but ${this.#directory} ends with segment ` +
          `${newest}: the data directory is older than the database, or part of it was deleted`,
      );
    }
    for (const segment of segments) {
      if (segment < from.segment) continue;
      const offset = segment === from.segment ? from.offset : 0;
      try {
        const { id: journalId } = this;
        const onCorruption = (corruption: Corruption): void => this.#report(corruption);
        const scan = await SegmentScan.open({
          directory: this.#directory,
          journalId,
          segment,
          offset,
          log: this.#log,
          onCorruption,
        });
        if (offset === 0 && scan.firstSequence !== undefined) {
          this.#expectSequence(scan.firstSequence, segment, 0);
          this.#sequence = scan.firstSequence;
        }
        return scan;
      } catch (error) {
        // It was trimmed in this moment, up to a cursor that has been set back since.
        if (hasCode(error, "ENOENT") && (await listKept(this.#directory)).includes(segment)) return this.#openAt(from);
        if (hasCode(error, "ENOENT")) continue;
        this.#reportUnreadable(error, segment, offset);
      }
    }
    return undefined;
  }

  /** Whether a newer segment exists. Segment numbers seldom have gaps, so this usually checks a single name. */
  async #hasNewer(segment: number): Promise<boolean> {
    if (this.#newest > segment || existsSync(segmentPath(this.#directory, segment + 1))) return true;
    if (performance.now() - this.#listedAt >= LIST_MS) await this.#list();
    return this.#newest > segment;
  }

  async #list(): Promise<number[]> {
    const segments = await listSegments(this.#directory);
    this.#newest = segments.at(-1) ?? 0;
    this.#listedAt = performance.now();
    return segments;
  }

  /** The segments of the journal, with those from `from` on that had been read already and are kept. */
  async #listFrom(from: number): Promise<number[]> {
    const segments = await this.#list();
    const [oldest = Number.POSITIVE_INFINITY] = segments;
    if (from >= oldest) return segments;
    const restored = await restoreKept(this.#directory, from, oldest);
    if (restored.length === 0) return segments;
    this.#log.warn({ segments: restored }, "journal: segments that had been read already are read again");
    return this.#list();
  }

  /** Reports a gap in the sequence: frames are missing because a file was truncated or deleted. */
  #expectSequence(sequence: number, segment: number, offset: number): void {
    const missing = sequence - (this.#sequence ?? sequence);
    if (missing <= 0) return;
    const reason = `${missing} frames before frame ${sequence} are missing`;
    this.#report({ segment, fromOffset: offset, toOffset: offset, reason });
  }

  /** Reports a file that cannot be opened or read. @throws any other error */
  #reportUnreadable(error: unknown, segment: number, offset: number): void {
    if (!isUnreadable(error)) throw error;
    this.#report({ segment, fromOffset: offset, toOffset: offset, reason: `cannot be read: ${String(error)}` });
  }

  #report(corruption: Corruption): void {
    // The gap in the sequence that follows from this corruption must not be reported as well.
    this.#sequence = undefined;
    const { segment, fromOffset } = corruption;
    const place = `${segment}:${fromOffset}`;
    this.#corruptSegments.add(segment);
    if (this.#reported.has(place)) return;
    this.#reported.add(place);
    this.#log.error({ ...corruption }, "journal: corrupt range skipped");
    for (const listener of this.#listeners) listener(corruption);
  }
}
