import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { openJournalReader } from "../../broker/journal/segment-reader.ts";
import type { JournalReader, Position } from "../../broker/journal/journal.ts";
import type { Logger } from "pino";

export interface Progress {
  /** bytes of the journal that the slower consumer has not committed */
  lagBytes(): Promise<number>;
  /** waits until everything is derived and stored; returns how long that took in milliseconds */
  waitUntilCaughtUp(withinMs: number): Promise<number>;
  close(): Promise<void>;
}

/** Measures the lag of ingest from outside: its cursors against the files of the journal. */
export async function followProgress(
  pool: pg.Pool,
  directory: string,
  influx: boolean,
  log: Logger,
): Promise<Progress> {
  const journal = await openJournalReader({ directory: join(directory, "journal"), log });
  const lagBytes = async () => {
    const lags = [await journal.lag(await stateCursor(pool, journal))];
    if (influx) lags.push(await journal.lag(await seriesCursor(directory, journal)));
    return Math.max(...lags);
  };
  return {
    lagBytes,
    async waitUntilCaughtUp(withinMs) {
      const startedAt = performance.now();
      while ((await lagBytes()) > 0) {
        if (performance.now() - startedAt > withinMs) throw new Error(`ingest did not catch up within ${withinMs} ms`);
        await sleep(10);
      }
      return performance.now() - startedAt;
    },
    close: () => journal.close(),
  };
}

async function stateCursor(pool: pg.Pool, journal: JournalReader): Promise<Position> {
  const { rows } = await pool.query<Position>(
    `SELECT segment::int, byte_offset::int AS "offset" FROM cursors WHERE journal_id = $1 AND worker = 'state'`,
    [journal.id],
  );
  return rows[0] ?? journal.oldest();
}

async function seriesCursor(directory: string, journal: JournalReader): Promise<Position> {
  const text = await readFile(join(directory, "series-cursor.json"), "utf8").catch(() => undefined);
  return text === undefined ? journal.oldest() : (JSON.parse(text) as Position);
}
