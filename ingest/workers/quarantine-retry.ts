import { setTimeout as sleep } from "node:timers/promises";
import { type ProcessedBatch, processBatch, type Stores } from "../pipeline/process-batch.ts";
import { decode, errorText } from "../pipeline/decode.ts";
import { JournalRecord } from "../pipeline/records/journal-record.ts";
import { invalidateDevices, isPoisonError } from "../pipeline/poison-message.ts";
import { isSeries } from "./series-worker.ts";
import { REJECTED_BY_SERIES_STORE, releaseReject } from "../stores/influx/series-rejects.ts";
import type { InfluxSeriesStore } from "../stores/influx/series.ts";
import { NOT_DERIVED, retrySetAside } from "../stores/queries/set-aside.ts";
import { isVersionConflict, runWrites, conflictOf } from "../stores/statement.ts";
import { msOfTime } from "../stores/sql-time.ts";

const INTERVAL_MS = 1_000;
const BATCH_SIZE = 100;

interface Row {
  source: string;
  deviceId: string;
  topic: string;
  receivedAt: number;
  reason: string;
  payload: Buffer;
}

/**
 * Processes quarantined messages again when a person asks for it: each goes through the same steps as a message from the
 * journal. Its series readings are written to InfluxDB first, since that write may be repeated.
 */
export function startQuarantineRetry(
  stores: Stores,
  series: InfluxSeriesStore | undefined,
): { close(): Promise<void> } {
  const { pool, log, mutex } = stores;
  const ending = new AbortController();

  async function retry(row: Row): Promise<void> {
    const { deviceId, topic, receivedAt, payload, source } = row;
    const message = { clientId: deviceId, topic, receivedAt, payload };
    let batch: ProcessedBatch | undefined;
    // The cause may have been fixed in the database: load the states again.
    invalidateDevices(stores, [deviceId]);
    try {
      batch = await processBatch(stores, [new JournalRecord(message, `${source}+`)], { retried: [row] });
      const [refused] = (await series?.write(batch.newReadings.filter(isSeries))) ?? [];
      if (refused) return await putBack(stores, row, refused.detail);
      await runWrites(pool, batch.writes);
      batch.commitCaches();
    } catch (error) {
      batch?.invalidate(conflictOf(error));
      // Another batch changed the device in the meantime: the request stands, and the next round takes it.
      if (isVersionConflict(error)) return;
      if (!isPoisonError(error)) throw error;
      await putBack(stores, row, errorText(error));
    }
  }

  /** Retries a reading that only the series store refused: all its other effects were committed when it came. */
  async function retrySeries(row: Row): Promise<void> {
    const { deviceId, topic, receivedAt, payload, source } = row;
    const message = { clientId: deviceId, topic, receivedAt, payload };
    const { readings } = decode([new JournalRecord(message, source)], await stores.registry.current(), () => undefined);
    const reading = readings.find(isSeries);
    if (series === undefined) return putBack(stores, row, "no InfluxDB is configured that could take it");
    if (reading === undefined) return putBack(stores, row, "its device is not registered any more");
    const [refused] = await series.write([reading]);
    if (refused) return putBack(stores, row, refused.detail);
    await mutex.runExclusive(async () => {
      await releaseReject(pool, reading, source);
      stores.deviceStates.invalidate([deviceId]);
    });
  }

  async function handle(row: Row): Promise<void> {
    try {
      if (row.reason === REJECTED_BY_SERIES_STORE) await retrySeries(row);
      else if (row.reason === NOT_DERIVED) await retrySetAside(pool, row.source);
      else await mutex.runExclusive(() => retry(row));
    } catch (error) {
      log.warn({ err: error, source: row.source }, "cannot retry a quarantined message now");
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        for (const row of await requestedRetries(stores)) await handle(row);
      } catch (error) {
        log.warn({ err: error }, "cannot retry quarantined messages now");
      }
      await sleep(INTERVAL_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async close() {
      ending.abort();
      await running;
    },
  };
}

/** Keeps the row, with the newest error text, until a person asks again. */
async function putBack({ pool }: Stores, { source }: Row, detail: string): Promise<void> {
  await pool.query("UPDATE quarantine SET retry_requested_at = NULL, detail = $2 WHERE source = $1", [source, detail]);
}

async function requestedRetries({ pool }: Stores): Promise<Row[]> {
  const { rows } = await pool.query<Row>({
    name: "requested_retries",
    text: `SELECT source, device_id AS "deviceId", topic, ${msOfTime("received_at")} AS "receivedAt", reason, payload
      FROM quarantine WHERE retry_requested_at IS NOT NULL ORDER BY id LIMIT $1`,
    values: [BATCH_SIZE],
  });
  return rows;
}
