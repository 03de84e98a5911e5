import { Mutex } from "async-mutex";
import { readFile, rename, writeFile } from "node:fs/promises";
import type { Position } from "../../broker/journal/journal.ts";
import type { Stores } from "../pipeline/process-batch.ts";
import { type Loop, startLoop } from "./loop.ts";
import { comparePositions } from "../pipeline/journal-position.ts";
import { quarantineRefused, type RefusedReading, refusedReading } from "../stores/influx/rejects-file.ts";
import type { Refused } from "../stores/influx/series.ts";

const INTERVAL_MS = 500;
/** More than this is no fault of single readings; the series waits until Postgres has taken some. */
const MAX_WAITING = 10_000;
const BATCH_SIZE = 500;

/** A refused reading, and where in the journal the frame it came in ends. */
interface Waiting extends RefusedReading {
  through: Position;
}

export interface SeriesRejects extends Loop {
  /**
   * Takes over what the series store refused; resolves when that is on disk, so that the series may go on.
   * @throws when too many wait
   */
  add(refused: readonly Refused[], through: Position): Promise<void>;
}

export interface SeriesRejectsOptions {
  stores: Pick<Stores, "pool" | "mutex" | "deviceStates" | "log">;
  /** a file beside the series worker's cursor: Postgres may be away, which must not stop the series */
  path: string;
  journalId: string;
  /** how far readings are known to Postgres */
  stateCursor: () => Position;
}

/** Brings readings the series store refuses to quarantine, once Postgres is there and knows them. */
export async function startSeriesRejects(options: SeriesRejectsOptions): Promise<SeriesRejects> {
  const { stores, path, journalId, stateCursor } = options;
  const { pool, mutex, deviceStates, log } = stores;
  const fileMutex = new Mutex();
  const waiting = await load(path, journalId);

  async function save(change: () => void): Promise<void> {
    await fileMutex.runExclusive(async () => {
      change();
      // Renamed into place: a crash leaves the old list or the new one, never half of one.
      await writeFile(`${path}.new`, JSON.stringify({ journalId, waiting: [...waiting.values()] }));
      await rename(`${path}.new`, path);
    });
  }

  async function deliver(): Promise<boolean> {
    const cursor = stateCursor();
    const known = [...waiting.values()].filter(({ through }) => comparePositions(cursor, through) >= 0);
    const now = known.slice(0, BATCH_SIZE);
    if (now.length === 0) return false;
    await mutex.runExclusive(async () => {
      await quarantineRefused(pool, now);
      // Their counts have changed; before anybody else's turn.
      deviceStates.forget(new Set(now.map(({ deviceId }) => deviceId)));
    });
    await save(() => now.forEach(({ source }) => waiting.delete(source)));
    return known.length > now.length;
  }

  const loop = startLoop("refused readings", deliver, log, INTERVAL_MS);
  return {
    ...loop,
    async add(refused, through) {
      if (refused.length === 0) return;
      if (waiting.size + refused.length > MAX_WAITING) {
        throw new Error(`${waiting.size} readings the series store refuses wait for Postgres already`);
      }
      const rows = refused.map((one) => ({ ...refusedReading(one), through }));
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
  // Of another journal: its places mean nothing here, and nobody reads it any more; what Postgres knows, it knows.
  const from = { segment: 0, offset: 0 };
  const rows = saved.journalId === journalId ? saved.waiting : saved.waiting.map((row) => ({ ...row, through: from }));
  return new Map(rows.map((row) => [row.source, row]));
}
