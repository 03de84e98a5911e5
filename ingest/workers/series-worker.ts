import type { Logger } from "pino";
import type { JournalReader, Position } from "../../broker/journal/journal.ts";
import { isSeriesKind, type SeriesKind } from "../domain/reading-kinds.ts";
import type { Reading } from "../pipeline/reading.ts";
import { decode, type JournalRecord } from "../pipeline/decode.ts";
import { endsBefore } from "../pipeline/journal-position.ts";
import { MAX_AHEAD_MS } from "../pipeline/deduplicate.ts";
import type { BatchCache } from "../pipeline/batch-cache.ts";
import { startLoop, type Loop } from "./loop.ts";
import type { SeriesRejects } from "./series-rejects.ts";
import type { CursorFile } from "./cursor-file.ts";
import type { DeviceRegistryCache } from "../stores/caches/device-registry.ts";
import type { InfluxSeriesStore } from "../stores/influx/series.ts";
import { openCachedBatchReader } from "../pipeline/read-batch.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

export interface SeriesWorkerOptions {
  journal: JournalReader;
  registry: DeviceRegistryCache;
  series: InfluxSeriesStore;
  /** beside the journal, not in Postgres: an outage of one store must not stop the other */
  cursorFile: CursorFile;
  /** takes the readings that the series store refuses */
  rejects: Pick<SeriesRejects, "add">;
  /** batches that the state worker has read from the same journal */
  batchCache: BatchCache;
  log: Logger;
}

export interface SeriesWorker extends Loop {
  cursor(): Position;
}

/**
 * Follows the journal at its own pace and writes gps, scale and env readings to InfluxDB, at least once: writes are
 * idempotent by series and timestamp. So its cursor may lag behind what is written, but never runs ahead of it.
 */
export async function startSeriesWorker(options: SeriesWorkerOptions): Promise<SeriesWorker> {
  const { journal, registry, series, cursorFile, rejects, batchCache, log } = options;
  const batchReader = openCachedBatchReader(journal, batchCache);
  const saved = await cursorFile.load(journal.id);
  let cursor = saved?.position ?? (await journal.oldest());
  /** separate from those of the state worker, which may be at another position of the journal */
  let decoderStates: ReadonlyMap<string, unknown> = saved?.decoderStates ?? new Map();
  if (await endsBefore(journal, cursor)) {
    log.error(
      { journal: journal.id, cursor },
      "the journal is older than the series cursor: reading it from its oldest frame",
    );
    cursor = await journal.oldest();
    decoderStates = new Map();
  }

  async function tick(): Promise<boolean> {
    const batch = await batchReader.read(cursor);
    if (batch === undefined) return false;
    const { records, decoded, next } = batch;
    const known = await registryFor(records);
    const { readings, decoderStates: newStates } =
      decoded?.registry === known ? decoded.batch : decode(records, known, (id) => decoderStates.get(id));
    await rejects.add(await series.write(readings.filter(isSeries).filter(isNotFuture)), next);
    const nextStates = new Map([...decoderStates, ...newStates]);
    await cursorFile.save(journal.id, { position: next, decoderStates: nextStates });
    decoderStates = nextStates;
    cursor = next;
    return true;
  }

  /** InfluxDB has no guard against an old registry, so the registry is loaded again when it lacks a device. */
  async function registryFor(records: readonly JournalRecord[]): Promise<DeviceRegistry> {
    const known = await current();
    if (records.every(({ deviceId }) => known.devices.has(deviceId))) return known;
    registry.invalidate();
    return current();
  }

  /** While Postgres is away the last registry is good enough: only the decoder of each device matters here. */
  function current(): Promise<DeviceRegistry> {
    return registry.current().catch((error: unknown) => {
      const last = registry.lastKnown();
      if (last === undefined) throw error;
      return last;
    });
  }

  const loop = startLoop("series", tick, log);
  return { ...loop, cursor: () => cursor };
}

export function isSeries(reading: Reading): reading is Reading<SeriesKind> {
  return isSeriesKind(reading.kind);
}

/** The state worker puts readings from further in the future into quarantine (deduplicate.ts). */
function isNotFuture({ ts, receivedAt }: Reading): boolean {
  return ts <= receivedAt + MAX_AHEAD_MS;
}
