import { Mutex } from "async-mutex";
import { readFile } from "node:fs/promises";
import { writeFileAtomically } from "../../broker/journal/atomic-file.ts";
import type { Position } from "../../broker/journal/journal.ts";
import type { Stores } from "../pipeline/process-batch.ts";
import { type Loop, startLoop } from "./loop.ts";
import { comparePositions } from "../pipeline/journal-position.ts";
import { quarantineRejects, type SeriesReject, seriesReject } from "../stores/influx/series-rejects.ts";
import type { RejectedReading } from "../stores/influx/series.ts";

const INTERVAL_MS = 500;
/** More rejects than this are no fault of single readings: the series worker then waits until Postgres takes some. */
const MAX_WAITING = 10_000;
const BATCH_SIZE = 500;

/** A rejected reading, and where its frame ends in the journal. */
interface Waiting extends SeriesReject {
  through: Position;
}

export interface SeriesRejects extends Loop {
  /**
   * Adds readings that the series store refused; resolves when the file is written (not synced), so that the series worker
   * can go on.
   * @throws when too many are waiting
   */
  add(refused: readonly RejectedReading[], through: Position): Promise<void>;
}

export interface SeriesRejectsOptions {
  stores: Pick<Stores, "pool" | "mutex" | "deviceStates" | "log">;
  /** a file beside the series worker's cursor, since the series worker goes on while Postgres is away */
  path: string;
  journalId: string;
  /** readings before this position are known to Postgres */
  stateCursor: () => Position;
}

/** Moves readings that the series store refuses to quarantine, once Postgres is available and knows them. */
export async function startSeriesRejects(options: SeriesRejectsOptions): Promise<SeriesRejects> {
  const { stores, path, journalId, stateCursor } = options;
  const { pool, mutex, deviceStates, log } = stores;
  const fileMutex = new Mutex();
  const waiting = await load(path, journalId);

  async function save(change: () => void): Promise<void> {
    await fileMutex.runExclusive(async () => {
      change();
      await writeFileAtomically(path, JSON.stringify({ journalId, waiting: [...waiting.values()] }));
    });
  }

  async function deliver(): Promise<boolean> {
    const cursor = stateCursor();
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
  };
}

async function load(path: string, journalId: string): Promise<Map<string, Waiting>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return new Map();
    throw error;
  }
  const saved = JSON.parse(text) as { journalId: string; waiting: Waiting[] };
  // Written for another journal, which no worker reads any more: its positions do not apply, so deliver at once.
  const from = { segment: 0, offset: 0 };
  const rows = saved.journalId === journalId ? saved.waiting : saved.waiting.map((row) => ({ ...row, through: from }));
  return new Map(rows.map((row) => [row.source, row]));
}
