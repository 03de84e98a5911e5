import { Mutex } from "async-mutex";
import { rm } from "node:fs/promises";
import type { Logger } from "pino";
import { z } from "zod";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";
import type { Position } from "../../broker/journal/journal.ts";
import type { Stores } from "../pipeline/process-batch.ts";
import { type Loop, startLoop } from "./loop.ts";
import { SERIES_KINDS } from "../domain/reading-kinds.ts";
import { readSavedFile } from "./saved-file.ts";
import { comparePositions } from "../pipeline/journal-position.ts";
import { runWrites } from "../stores/statement.ts";
import { recordSkippedFrames } from "../stores/writes/cursor.ts";
import { quarantineRejects, type SeriesReject, seriesReject } from "../stores/influx/series-rejects.ts";
import type { RejectedReading } from "../stores/influx/series.ts";

const INTERVAL_MS = 500;
/** More rejects than this are no fault of single readings: the series worker then waits until Postgres takes some. */
const MAX_WAITING = 10_000;
const BATCH_SIZE = 500;

/** A rejected reading, and where its frame ends in the journal. */
const waitingReject = z.object({
  source: z.string(),
  deviceId: z.string(),
  kind: z.enum(SERIES_KINDS),
  ts: z.number(),
  seq: z.number(),
  contentHash: z.number(),
  receivedAt: z.number(),
  detail: z.string(),
  payload: z.string(),
  through: z.object({ segment: z.int(), offset: z.int() }),
}) satisfies z.ZodType<SeriesReject & { through: Position }>;
type Waiting = z.infer<typeof waitingReject>;

/** Frames that the series worker never read. */
const frameGap = z.object({ fromFrame: z.int(), toFrame: z.int() });
type FrameGap = z.infer<typeof frameGap>;

const savedFile = z.object({
  journalId: z.string(),
  waiting: z.array(waitingReject),
  gaps: z.array(frameGap).default([]),
});

export interface SeriesRejects extends Loop {
  /**
   * Adds readings that the series store refused; resolves when they are on disk, so that the series worker can go on.
   * @throws when too many are waiting
   */
  add(refused: readonly RejectedReading[], through: Position): Promise<void>;
  /** Adds frames that the series worker has never read, for the audit log. */
  addGap(gap: FrameGap): Promise<void>;
}

export interface SeriesRejectsOptions {
  stores: Pick<Stores, "pool" | "mutex" | "deviceStates" | "log">;
  /** a file beside the series worker's cursor, since the series worker goes on while Postgres is away */
  path: string;
  /** deleted when that file is damaged: the series store then refuses the same readings again */
  seriesCursorPath: string;
  journalId: string;
  /** readings before this position are known to Postgres; undefined: Postgres has not answered yet */
  stateCursor: () => Position | undefined;
}

/** Moves readings that the series store refuses to quarantine, once Postgres is available and knows them. */
export async function startSeriesRejects(options: SeriesRejectsOptions): Promise<SeriesRejects> {
  const { stores, path, seriesCursorPath, journalId, stateCursor } = options;
  const { pool, mutex, deviceStates, log } = stores;
  const fileMutex = new Mutex();
  const { waiting, gaps } = await load(path, seriesCursorPath, journalId, log);

  async function save(change: () => void): Promise<void> {
    await fileMutex.runExclusive(async () => {
      change();
      await writeFileAtomically(path, JSON.stringify({ journalId, waiting: [...waiting.values()], gaps }));
    });
  }

  async function deliver(): Promise<boolean> {
    const cursor = stateCursor();
    if (cursor === undefined) return false;
    await deliverGaps();
    const known = [...waiting.values()].filter(({ through }) => comparePositions(cursor, through) >= 0);
    const now = known.slice(0, BATCH_SIZE);
    if (now.length === 0) return false;
    await mutex.runExclusive(async () => {
      await quarantineRejects(pool, now);
      // Their counts have changed in Postgres: drop the cached states before another worker gets the mutex.
      deviceStates.invalidate(new Set(now.map(({ deviceId }) => deviceId)));
    });
    await save(() => now.forEach(({ source }) => waiting.delete(source)));
    return known.length > now.length;
  }

  async function deliverGaps(): Promise<void> {
    const [gap] = gaps;
    if (gap === undefined) return;
    await runWrites(pool, [recordSkippedFrames(journalId, gap.fromFrame, gap.toFrame, "series")]);
    await save(() => gaps.shift());
    return deliverGaps();
  }

  const loop = startLoop("series rejects", deliver, log, INTERVAL_MS);
  return {
    ...loop,
    async add(refused, through) {
      if (refused.length === 0) return;
      if (waiting.size + refused.length > MAX_WAITING) {
        throw new Error(`${waiting.size} readings that the series store refused are waiting for Postgres already`);
      }
      const rows = refused.map((reject) => ({ ...seriesReject(reject), through }));
      log.error({ refused: rows.length, first: rows[0] }, "the series store refuses readings; they go to quarantine");
      await save(() => rows.forEach((row) => waiting.set(row.source, row)));
    },
    addGap: (gap) => save(() => gaps.push(gap)),
  };
}

async function load(
  path: string,
  seriesCursorPath: string,
  journalId: string,
  log: Logger,
): Promise<{ waiting: Map<string, Waiting>; gaps: FrameGap[] }> {
  const onDamaged = () => rm(seriesCursorPath, { force: true });
  const saved = await readSavedFile({ path, schema: savedFile, log, onDamaged });
  if (saved === undefined) return { waiting: new Map(), gaps: [] };
  // Written for another journal, which no worker reads any more: its positions do not apply, so deliver at once.
  const isOther = saved.journalId !== journalId;
  const rows = isOther ? saved.waiting.map((row) => ({ ...row, through: { segment: 0, offset: 0 } })) : saved.waiting;
  return { waiting: new Map(rows.map((row) => [row.source, row])), gaps: isOther ? [] : saved.gaps };
}
