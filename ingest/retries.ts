import { setTimeout as sleep } from "node:timers/promises";
import { foldBatch, type Stores } from "./batch.ts";
import { sourced } from "./decode.ts";
import { isPoison } from "./poison.ts";
import { isSeries } from "./series-worker.ts";
import type { InfluxSeriesStore } from "./stores/series-influx.ts";
import { isStale, runParts, staleThing } from "./stores/statement.ts";

const INTERVAL_MS = 1_000;
const AT_ONCE = 100;

interface Row {
  source: string;
  deviceId: string;
  topic: string;
  receivedAt: number;
  reason: string;
  payload: Buffer;
}

/**
 * Looks again at what people ask for: a quarantined message goes through the same steps as one from the journal. Where
 * InfluxDB keeps the series it is written there first, which may be repeated.
 */
export function startRetries(stores: Stores, series: InfluxSeriesStore | undefined): { close(): Promise<void> } {
  const { pool, log } = stores;
  const ending = new AbortController();

  async function retry(row: Row): Promise<void> {
    const { deviceId, topic, receivedAt, payload, source } = row;
    const message = { clientId: deviceId, topic, receivedAt, payload };
    const batch = await foldBatch(stores, [sourced(message, `${source}+`)], { retried: [row] });
    try {
      await series?.write(batch.fresh.filter(isSeries));
      await runParts(pool, batch.parts);
      batch.keep();
    } catch (error) {
      batch.forget(staleThing(error));
      // Another batch changed the device meanwhile: the row still asks, the next round takes it.
      if (isStale(error)) return;
      if (!isPoison(error)) throw error;
      await putBack(stores, row, error);
    }
  }

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      try {
        for (const row of await requested(stores)) await stores.turns.take(() => retry(row));
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

/** Still refused: the row stays, with the newest words, until someone asks again. */
async function putBack({ pool }: Stores, { source }: Row, error: unknown): Promise<void> {
  const detail = error instanceof Error ? error.message : String(error);
  await pool.query("UPDATE quarantine SET retry_requested_at = NULL, detail = $2 WHERE source = $1", [source, detail]);
}

async function requested({ pool }: Stores): Promise<Row[]> {
  const { rows } = await pool.query<Row>({
    name: "requested_retries",
    text: `SELECT source, device_id AS "deviceId", topic, round(extract(epoch FROM received_at) * 1000)::float8 AS "receivedAt", reason, payload
      FROM quarantine WHERE retry_requested_at IS NOT NULL ORDER BY id LIMIT $1`,
    values: [AT_ONCE],
  });
  return rows;
}
