import { LRUCache } from "lru-cache";
import type { SeriesKind } from "../../domain/reading-kinds.ts";
import type { Reading } from "../../pipeline/reading.ts";
import type { InfluxClient } from "./influx-client.ts";
import { lineOf } from "./line-protocol.ts";
import { dropTakenIdentities, type NewestTimes, seriesKey } from "./taken-identities.ts";

export interface InfluxSeriesStore {
  /**
   * Writes readings; resolves when the server has them on disk. Writing a reading again overwrites its point with the same
   * content. Another reading with the same identity is dropped: the first stays.
   * @returns readings that the server rejects for their content
   * @throws when the server is away or rejects everything: try again later
   */
  write(readings: readonly Reading<SeriesKind>[]): Promise<RejectedReading[]>;
}

export interface RejectedReading {
  reading: Reading<SeriesKind>;
  /** the error text of the server */
  detail: string;
}

/** HTTP statuses for invalid data: 400, and 422 of InfluxDB 2.x. */
const INVALID_DATA_STATUS: ReadonlySet<unknown> = new Set([400, 422]);

export function openInfluxSeries(influx: InfluxClient, max = 50_000): InfluxSeriesStore {
  const newest: NewestTimes = new LRUCache<string, number>({ max });
  return {
    async write(readings) {
      const writable = await dropTakenIdentities(influx, readings, newest);
      const rejected = await writeInChunks(influx, writable);
      for (const reading of writable) {
        const key = seriesKey(reading);
        newest.set(key, Math.max(newest.get(key) ?? reading.ts, reading.ts));
      }
      return rejected;
    },
  };
}

/** Concurrent writes: InfluxDB 3 Core confirms only once a second, so one write at a time would wait most of the time. */
const CONCURRENT_WRITES = 4;
/** Smaller chunks cost more than concurrency gains. */
const MIN_CHUNK_LINES = 2_000;

async function writeInChunks(
  influx: InfluxClient,
  readings: readonly Reading<SeriesKind>[],
): Promise<RejectedReading[]> {
  const size = Math.max(MIN_CHUNK_LINES, Math.ceil(readings.length / CONCURRENT_WRITES));
  const writes: Promise<RejectedReading[]>[] = [];
  for (let first = 0; first < readings.length; first += size) {
    writes.push(writeBisecting(influx, readings.slice(first, first + size)));
  }
  // Wait for all of them, also when one fails: the caller retries, and no old write may still be running then.
  await Promise.allSettled(writes);
  return (await Promise.all(writes)).flat();
}

/** Finds the invalid lines by halving. A line that was written before is written again, which changes nothing. */
async function writeBisecting(
  influx: InfluxClient,
  readings: readonly Reading<SeriesKind>[],
): Promise<RejectedReading[]> {
  if (readings.length === 0) return [];
  try {
    await influx.write(readings.map(lineOf));
    return [];
  } catch (error) {
    const { status, message } = error as { status?: unknown; message: string };
    if (!INVALID_DATA_STATUS.has(status)) throw error;
    if (readings.length === 1) return [{ reading: readings[0]!, detail: message }];
    const half = Math.ceil(readings.length / 2);
    return [
      ...(await writeBisecting(influx, readings.slice(0, half))),
      ...(await writeBisecting(influx, readings.slice(half))),
    ];
  }
}
