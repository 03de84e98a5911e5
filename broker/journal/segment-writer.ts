import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import { AckThrottle } from "./ack-throttle.ts";
import { createId, listSegments, makeDirectory, readId, totalBytes, TEMP_SUFFIX } from "./directory.ts";
import { disk, type JournalFiles } from "./files.ts";
import { type Done, FlushBatch } from "./flush-batch.ts";
import { FlushPolicy } from "./flush-policy.ts";
import type { JournalMessage, JournalState, JournalWriter } from "./journal.ts";
import { nextSequence } from "./last-sequence.ts";
import { type Lock, lockDirectory } from "./lock.ts";
import { ActiveSegment } from "./active-segment.ts";
import { expireKept } from "./kept-segments.ts";
import { journalFull, Health, describeFailure } from "./health.ts";

const PROBE_MS = 1000;

export interface JournalWriterOptions {
  directory: string;
  /** limit for all segments; beyond it messages are refused until a reader trims */
  maxBytes: number;
  log: Logger;
  segmentBytes?: number;
  frameBytes?: number;
  /** longest wait for more messages on a busy disk; on an idle one a flush starts at once */
  lingerMs?: number;
  /** how long to wait for another writer to end */
  lockWaitMs?: number;
  files?: JournalFiles;
}

/** Opens the journal for writing, in a new segment. With a full or failing disk it opens too, in that state. */
export async function openJournalWriter(options: JournalWriterOptions): Promise<JournalWriter> {
  const { directory, log, files = disk } = options;
  await makeDirectory(directory, files);
  const lock = await lockDirectory(directory, options.lockWaitMs ?? 10_000);
  try {
    for (const name of await readdir(directory)) {
      if (name.endsWith(TEMP_SUFFIX)) await files.remove(join(directory, name));
    }
    // Without segments numbering restarts. A new id makes sure that cursors of the old journal are not used.
    const id =
      ((await listSegments(directory)).length > 0 && (await readId(directory))) || (await createId(directory, files));
    const writer = new SegmentWriter(options, lock, id, await nextSequence(directory, id, log));
    await writer.start();
    return writer;
  } catch (error) {
    await lock.release();
    throw error;
  }
}

class SegmentWriter implements JournalWriter {
  readonly id: string;
  readonly #options: JournalWriterOptions;
  readonly #files: JournalFiles;
  readonly #segmentBytes: number;
  readonly #lock: Lock;
  readonly #health: Health;
  #segment: ActiveSegment | undefined;
  /** bytes in the segments before the active one */
  #olderBytes = 0;
  /** a segment that was given up while empty; it is removed once it has a successor */
  #emptyPath: string | undefined;
  #sequence: number;
  #filling: FlushBatch;
  #flushing: FlushBatch;
  /** the running disk operation: a flush or a refresh, never both */
  #work: Promise<void> | undefined;
  readonly ackThrottle: AckThrottle;
  readonly #flushPolicy: FlushPolicy;
  #probe: NodeJS.Timeout | undefined;
  #refreshDue = false;
  #closed = false;

  constructor(options: JournalWriterOptions, lock: Lock, id: string, sequence: number) {
    this.id = id;
    this.#options = options;
    this.#lock = lock;
    this.#health = new Health(options.log);
    this.#sequence = sequence;
    this.#files = options.files ?? disk;
    // The newest segment is never trimmed. With less than four segments a full journal could not be emptied.
    this.#segmentBytes = Math.min(options.segmentBytes ?? 64 * 1024 * 1024, Math.ceil(options.maxBytes / 4));
    this.ackThrottle = new AckThrottle({ maxBytes: options.maxBytes, segmentBytes: this.#segmentBytes }, options.log);
    this.#flushPolicy = new FlushPolicy(options.lingerMs ?? 4, this.ackThrottle, () => this.#flush());
    this.#filling = new FlushBatch(options.frameBytes);
    this.#flushing = new FlushBatch(options.frameBytes);
  }

  get state(): JournalState {
    return this.#health.state;
  }

  get failureReason(): string | undefined {
    return this.#health.reason;
  }

  size(): number {
    return this.#olderBytes + (this.#segment?.end ?? 0);
  }

  pending(): { messages: number; bytes: number } {
    return {
      messages: this.#filling.messages + this.#flushing.messages,
      bytes: this.#filling.bytes + this.#flushing.bytes,
    };
  }

  async start(): Promise<void> {
    await this.#refresh();
    this.#probe = setInterval(() => {
      this.#refreshDue = true;
      if (!this.#work) this.#runNext();
    }, PROBE_MS);
  }

  append(message: JournalMessage, done: Done): void {
    try {
      if (this.#closed) throw new Error("the journal is closed");
      const held = this.size() + this.#filling.bytes + this.#flushing.bytes;
      if (this.state === "ready" && held >= this.#options.maxBytes)
        this.#health.fail(journalFull(this.#options.directory, held, this.#options.maxBytes));
      if (this.state !== "ready") throw new Error(this.failureReason);
      this.#filling.add(message, done);
    } catch (error) {
      const refusal = error as Error;
      queueMicrotask(() => done(refusal));
      return;
    }
    if (!this.#work) this.#runNext();
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#probe);
    while (this.#work || this.#filling.messages > 0) {
      if (!this.#work) this.#flush();
      await this.#work;
    }
    await this.#segment?.close();
    this.#segment = undefined;
    await this.#lock.release();
  }

  /** Starts the next disk operation. Called while none is running. */
  #runNext(): void {
    if (this.#refreshDue) {
      this.#refreshDue = false;
      this.#run(this.#refresh());
    } else if (this.#filling.messages > 0) this.#flushPolicy.schedule(this.#filling);
  }

  #flush(): void {
    if (!this.#work && this.#filling.messages > 0) this.#run(this.#flushOnce());
  }

  /** @param work never rejects: flush and refresh turn failures into the journal's state */
  #run(work: Promise<void>): void {
    this.#work = work.then(() => {
      this.#work = undefined;
      this.#runNext();
    });
  }

  async #flushOnce(): Promise<void> {
    const batch = this.#filling;
    this.#filling = this.#flushing;
    this.#flushing = batch;
    let failure: Error | null = null;
    let frames = 0;
    try {
      const segment = await this.#writableSegment();
      const finished = batch.finish(segment.marker, this.#sequence);
      ({ frames } = finished);
      await segment.append(finished.bytes);
      segment.end += finished.bytes.length;
      this.#sequence += frames;
    } catch (cause) {
      failure = await this.#handleFlushFailure(cause, frames);
    }
    this.#flushPolicy.recordFlush(batch.messages);
    batch.settle(failure);
    if (!this.#segment) this.#filling.settle(failure);
  }

  async #writableSegment(): Promise<ActiveSegment> {
    const old = this.#segment;
    if (old && old.end < this.#segmentBytes) return old;
    const next = await this.#openNext();
    this.#segment = next;
    if (old) {
      this.#olderBytes += old.end;
      await old.close();
    }
    return next;
  }

  async #openNext(): Promise<ActiveSegment> {
    const { directory, log } = this.#options;
    const newest = (await listSegments(directory)).at(-1) ?? 0;
    const header = { journalId: this.id, segment: newest + 1, firstSequence: this.#sequence };
    const segment = await ActiveSegment.create(directory, header, this.#files, log);
    if (this.#emptyPath) await this.#files.remove(this.#emptyPath);
    this.#emptyPath = undefined;
    return segment;
  }

  /** Gives up the segment of a failed flush. None of the flush's messages counts as stored. */
  async #handleFlushFailure(cause: unknown, frames: number): Promise<Error> {
    const failure = describeFailure(cause, this.#options.directory);
    this.#health.fail(failure);
    const segment = this.#segment;
    this.#segment = undefined;
    if (segment) {
      const truncated = await segment.abandon();
      // If the truncation failed, a reader may still see the frames, so their sequence numbers are used up.
      if (!truncated) this.#sequence += frames;
      this.#olderBytes += segment.end;
      if (segment.isEmpty) this.#emptyPath = segment.path;
      // A single failure costs one segment. If already its first flush failed, the next attempt waits for the probe.
      else if (failure.state === "failing") await this.#refresh();
    }
    return new Error(`not stored: ${failure.reason}`, { cause });
  }

  /** Measures the journal, and resumes writing if possible. */
  async #refresh(): Promise<void> {
    const { directory, maxBytes } = this.#options;
    try {
      const older = (await listSegments(directory)).filter((segment) => segment !== this.#segment?.number);
      this.#olderBytes = await totalBytes(directory, older);
      const hasSpace = await expireKept(directory, this.#files, maxBytes - this.size());
      if (!this.#segment) {
        if (this.state === "full" && !hasSpace) return;
        // Created even beyond the limit: only then can readers finish the segment before it, and trim it.
        this.#segment = await this.#openNext();
      }
      this.ackThrottle.update(this.size());
      if (this.size() >= maxBytes) {
        this.#health.fail(journalFull(directory, this.size(), maxBytes));
        return;
      }
      this.#health.recover();
    } catch (cause) {
      this.#health.fail(describeFailure(cause, directory));
    }
  }
}
