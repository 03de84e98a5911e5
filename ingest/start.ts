import { Mutex } from "async-mutex";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { JournalReader, Position } from "../broker/journal/journal.ts";
import type { Stores } from "./pipeline/process-batch.ts";
import { startTimerWorker } from "./workers/timer-worker.ts";
import { startCleanup } from "./workers/cleanup.ts";
import { openBatchCache } from "./pipeline/batch-cache.ts";
import { startLateDataWorker } from "./workers/late-data-worker.ts";
import { startStockReconciliation } from "./workers/stock-reconciliation.ts";
import { comparePositions } from "./pipeline/journal-position.ts";
import { startSeriesRejects } from "./workers/series-rejects.ts";
import { startQuarantineRetry } from "./workers/quarantine-retry.ts";
import { startSeriesWorker } from "./workers/series-worker.ts";
import { startJournalTrimmer } from "./workers/journal-trimmer.ts";
import { startStateWorker } from "./worker.ts";
import { loadCursor } from "./stores/queries/cursor.ts";
import { cursorFile } from "./workers/cursor-file.ts";
import { openDeviceStates } from "./stores/caches/device-states.ts";
import { openReadingIdentities } from "./stores/caches/identities.ts";
import { countLateWindows } from "./stores/queries/late-windows.ts";
import { openReadingDays } from "./stores/caches/reading-days.ts";
import { readingsInInflux } from "./stores/influx/stored-readings.ts";
import { openDeviceRegistry, type PostgresListener } from "./stores/caches/device-registry.ts";
import type { InfluxClient } from "./stores/influx/influx-client.ts";
import { openInfluxSeries } from "./stores/influx/series.ts";
import { readingsInPostgres } from "./stores/queries/stored-readings.ts";
import { openTagStates } from "./stores/caches/tag-states.ts";

export interface IngestOptions {
  pool: Pool;
  listener: PostgresListener;
  /** opens a reader of this node's journal; every consumer has its own */
  openJournal: () => Promise<JournalReader>;
  /** undefined: gps, scale and env readings are kept in Postgres */
  influx: InfluxClient | undefined;
  /** the file with the cursor of the series worker; readings that the series store rejects wait in a file beside it */
  seriesCursorPath: string;
  /** days raw readings are kept after the last one of their day has arrived */
  retentionRawDays: number;
  log: Logger;
}

/** The progress of one consumer of the journal. */
export interface Consumer {
  lagBytes: number;
  /** why its last attempt failed; undefined while all is well */
  lastError: string | undefined;
}

export interface Ingest {
  status(): Promise<{
    state: Consumer;
    series: Consumer | undefined;
    /** `waiting`: signals with late readings to derive again, as of the last look */
    late: { lastError: string | undefined; waiting: number };
    due: { lastError: string | undefined };
  }>;
  /** how many windows of late readings wait to be derived again */
  lateWindows(): Promise<number>;
  /** how many ticks each worker has finished: what a worker would have done by then, it has done */
  ticks(): { state: number; timers: number; reconciliation: number; late: number };
  close(): Promise<void>;
}

/** Starts the workers that follow the journal, and the periodic ones beside them. */
export async function startIngest({
  pool,
  listener,
  openJournal,
  influx,
  seriesCursorPath,
  retentionRawDays,
  log,
}: IngestOptions): Promise<Ingest> {
  const journal = await openJournal();
  const registry = await openDeviceRegistry(pool, listener);
  const stores: Stores = {
    pool,
    registry,
    deviceStates: openDeviceStates(pool),
    tagStates: openTagStates(pool),
    identities: openReadingIdentities(pool, influx !== undefined),
    days: openReadingDays(pool),
    mutex: new Mutex(),
    seriesInInflux: influx !== undefined,
    log,
  };
  journal.onCorruption((damage) => log.error(damage, "part of the journal is damaged and was set aside"));
  const batchCache = influx && openBatchCache();
  const state = await startStateWorker({ pool, journal, stores, batchCache, log });
  const seriesJournal = influx && (await openJournal());
  const seriesStore = influx && openInfluxSeries(influx);
  const rejects =
    influx &&
    (await startSeriesRejects({
      stores,
      path: `${seriesCursorPath}.refused`,
      journalId: journal.id,
      stateCursor: () => state.cursor(),
    }));
  const series =
    seriesStore && seriesJournal && rejects && batchCache
      ? await startSeriesWorker({
          journal: seriesJournal,
          registry,
          series: seriesStore,
          cursorFile: cursorFile(seriesCursorPath),
          rejects,
          batchCache,
          log,
        })
      : undefined;
  const retries = startQuarantineRetry(stores, seriesStore);
  const seriesReached = async () => {
    // Read the cursor from its row: that is committed together with the readings.
    const goal = await loadCursor(pool, journal);
    return () => series === undefined || comparePositions(series.cursor(), goal) >= 0;
  };
  const stored = influx ? readingsInInflux(influx, seriesReached, log) : readingsInPostgres;
  const late = startLateDataWorker({
    stores,
    stored,
    journalId: journal.id,
    seriesCursor: series && (() => series.cursor()),
  });
  const timers = startTimerWorker(stores, () => state.receivedWatermark());
  const reconciliation = startStockReconciliation(pool, log);
  const cleanup = startCleanup({ stores, stored, influx, retentionRawDays });
  const trimmer = startJournalTrimmer(journal, () => slowest(state.cursor(), series?.cursor()), log);
  return {
    async status() {
      return {
        state: { lagBytes: await journal.lag(state.cursor()), lastError: state.lastError() },
        series: series && {
          lagBytes: await journal.lag(series.cursor()),
          lastError: series.lastError() ?? rejects?.lastError(),
        },
        late: { lastError: late.lastError(), waiting: late.waiting() },
        due: { lastError: timers.lastError() },
      };
    },
    lateWindows: () => countLateWindows(pool),
    ticks: () => ({
      state: state.ticks(),
      timers: timers.ticks(),
      reconciliation: reconciliation.ticks(),
      late: late.ticks(),
    }),
    async close() {
      await Promise.all([
        state.close(),
        series?.close().then(() => rejects?.close()),
        retries.close(),
        late.close(),
        timers.close(),
        reconciliation.close(),
        cleanup.close(),
        trimmer.close(),
      ]);
      await registry.close();
      await Promise.all([journal.close(), seriesJournal?.close()]);
    },
  };
}

function slowest(a: Position, b: Position | undefined): Position {
  if (b === undefined) return a;
  return comparePositions(a, b) < 0 ? a : b;
}
