import { Mutex } from "async-mutex";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { JournalReader, Position } from "../broker/journal/journal.ts";
import type { Stores } from "./pipeline/process-batch.ts";
import { ReceiptClock } from "./workers/receipt-clock.ts";
import { startShipmentWatch } from "./watch/shipment-watch.ts";
import { startBeside } from "./beside.ts";
import { startAlertEngine } from "./alerts/engine.ts";
import { startTimerWorker } from "./workers/timer-worker.ts";
import { startAuditChain } from "./workers/audit-chain.ts";
import { startOrderReceipts } from "./workers/order-receipts.ts";
import { startCleanup } from "./workers/cleanup.ts";
import { openBatchCache } from "./pipeline/batch-cache.ts";
import { startLateDataWorker } from "./workers/late-data-worker.ts";
import { startStockReconciliation } from "./workers/stock-reconciliation.ts";
import { comparePositions, slowest } from "./pipeline/journal-position.ts";
import { startSeriesRejects } from "./workers/series-rejects.ts";
import { startQuarantineRetry } from "./workers/quarantine-retry.ts";
import { startSeriesWorker } from "./workers/series-worker.ts";
import { startPartitionWorker } from "./workers/partition-worker.ts";
import { startJournalTrimmer } from "./workers/journal-trimmer.ts";
import { type StateCounts, startStateWorker } from "./worker.ts";
import { secondsSince } from "./workers/seconds-since.ts";
import { loadCursor } from "./stores/queries/cursor.ts";
import { cursorFile } from "./workers/cursor-file.ts";
import { openDeviceStates } from "./stores/caches/device-states.ts";
import { openReadingIdentities } from "./stores/caches/identities.ts";
import type { RecordRetention } from "./stores/queries/retention/expired-rows.ts";
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
  /** for deleting what has expired, whose statements take long; `pool` by default */
  maintenancePool?: Pool;
  /** for the worker that follows the journal; `pool` by default */
  statePool?: Pool;
  listener: PostgresListener;
  /** opens a reader of this node's journal; every consumer has its own */
  openJournal: () => Promise<JournalReader>;
  /** undefined: gps, scale and env readings are kept in Postgres */
  influx: InfluxClient | undefined;
  /** the file with the cursor of the series worker; readings that the series store rejects wait in a file beside it */
  seriesCursorPath: string;
  /** days raw readings are kept after the last one of their day has arrived */
  retentionRawDays: number;
  /** days hourly sums are kept */
  retentionRollupDays: number;
  /** days records of what was refused and done are kept */
  records: RecordRetention;
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
    state: Consumer & {
      counts: Readonly<StateCounts>;
      /** all that was received before so many seconds is committed, by the clock of the machine; undefined: not known yet */
      lagSeconds: number | undefined;
    };
    series: Consumer | undefined;
    /**
     * `waiting`: signals with late readings to derive again, as of the last look; `setAside`: devices and kinds of which late
     * readings were given up
     */
    late: { lastError: string | undefined; waiting: number; setAside: number };
    /** why the audit's chain stands still; undefined: it does not */
    auditChain: string | undefined;
    due: { lastError: string | undefined };
    /** why no alert is opened or closed, and the kinds of subject of which none is; undefined and empty: all is well */
    alerts: { lastError: string | undefined; failing: string[] };
    /** what cannot be deleted although its time has passed, in words for the public; undefined: nothing */
    retention: string | undefined;
  }>;
  /** the slowest consumer has read the journal up to here */
  unreadFrom(): Position | undefined;
  /** how many windows of late readings wait to be derived again */
  lateWindows(): Promise<number>;
  /** how many ticks each worker has finished: what a worker would have done by then, it has done */
  ticks(): {
    state: number;
    timers: number;
    reconciliation: number;
    late: number;
    alerts: number;
    receipts: number;
    watch: number;
  };
  close(): Promise<void>;
}

/** Starts the workers that follow the journal, and the periodic ones beside them. */
export async function startIngest({
  pool,
  maintenancePool = pool,
  statePool = pool,
  listener,
  openJournal,
  influx,
  seriesCursorPath,
  retentionRawDays,
  retentionRollupDays,
  records,
  log,
}: IngestOptions): Promise<Ingest> {
  const journal = await openJournal();
  const registry = await openDeviceRegistry(pool, listener);
  const stores: Stores = {
    pool,
    registry,
    deviceStates: openDeviceStates(statePool),
    tagStates: openTagStates(statePool),
    identities: openReadingIdentities(statePool, influx !== undefined),
    days: openReadingDays(statePool),
    mutex: new Mutex(),
    seriesInInflux: influx !== undefined,
    log,
  };
  journal.onCorruption((damage) => log.error(damage, "part of the journal is damaged and was set aside"));
  const batchCache = influx && openBatchCache();
  const state = startStateWorker({ pool: statePool, journal, stores: { ...stores, pool: statePool }, batchCache, log });
  const seriesJournal = influx && (await openJournal());
  const seriesStore = influx && openInfluxSeries(influx);
  const rejects =
    influx &&
    (await startSeriesRejects({
      stores,
      path: `${seriesCursorPath}.refused`,
      seriesCursorPath,
      journalId: journal.id,
      stateCursor: () => state.cursor(),
    }));
  const series =
    seriesStore && seriesJournal && rejects && batchCache
      ? await startSeriesWorker({
          journal: seriesJournal,
          registry,
          series: seriesStore,
          cursorFile: cursorFile(seriesCursorPath, log),
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
    isQuiet: () => state.isCaughtUp(),
  });
  const clock = new ReceiptClock();
  const timers = startTimerWorker(stores, journal.id, () => state.receivedWatermark(), clock);
  const reconciliation = startStockReconciliation(pool, clock, log);
  const alerts = startAlertEngine(pool, listener, clock, log);
  const watch = startShipmentWatch({ pool, listener, stored, registry }, log);
  const maintained = { ...stores, pool: maintenancePool };
  const cleanup = startCleanup({ stores: maintained, stored, influx, retentionRawDays, retentionRollupDays, records });
  const partitions = startPartitionWorker(pool, log);
  const auditChain = startAuditChain(pool, log);
  const receipts = startOrderReceipts(pool, log);
  const beside = startBeside({ pool, maintenancePool, stored, retentionRollupDays, log });
  const unreadFrom = () => slowest(state.cursor(), series?.cursor());
  const trimmer = startJournalTrimmer(journal, unreadFrom, log);
  return {
    unreadFrom,
    async status() {
      return {
        state: {
          lagBytes: await journal.lag(state.cursor() ?? (await journal.oldest())),
          lastError: state.lastError(),
          counts: state.counts(),
          lagSeconds: secondsSince(state.receivedWatermark()),
        },
        series: series && {
          lagBytes: await journal.lag(series.cursor()),
          lastError: series.lastError() ?? rejects?.lastError(),
        },
        late: { lastError: late.lastError(), waiting: late.waiting(), setAside: late.setAside() },
        due: { lastError: timers.lastError() },
        alerts: { lastError: alerts.lastError(), failing: [...alerts.failing(), ...watch.failing()] },
        auditChain: auditChain.lastError(),
        retention:
          cleanup.undone() ??
          (cleanup.lastError() && "deleting what has expired fails, see the log of ingest") ??
          (partitions.lastError() && "partitions of days cannot be created, see the log of ingest"),
      };
    },
    lateWindows: () => countLateWindows(pool),
    ticks: () => ({
      state: state.ticks(),
      timers: timers.ticks(),
      reconciliation: reconciliation.ticks(),
      late: late.ticks(),
      alerts: alerts.ticks(),
      receipts: receipts.ticks(),
      watch: watch.ticks(),
    }),
    async close() {
      await Promise.all([
        state.close(),
        series?.close().then(() => rejects?.close()),
        retries.close(),
        late.close(),
        timers.close(),
        reconciliation.close(),
        alerts.close(),
        watch.close(),
        cleanup.close(),
        partitions.close(),
        receipts.close(),
        beside.close(),
        auditChain.close(),
        trimmer.close(),
      ]);
      await registry.close();
      await Promise.all([journal.close(), seriesJournal?.close()]);
    },
  };
}
