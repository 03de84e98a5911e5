import type { Logger } from "pino";
import type { JournalReader, Position } from "../../broker/journal/journal.ts";
import type { SeriesKind } from "../../broker/contract/readings.ts";
import { SERIES_COLUMNS } from "../../broker/contract/readings.ts";
import type { Reading } from "../pipeline/reading.ts";
import { decode, type JournalRecord } from "../pipeline/decode.ts";
import { endsBefore } from "../pipeline/journal-position.ts";
import { MAX_AHEAD_MS } from "../pipeline/deduplicate.ts";
import type { BatchCache } from "../pipeline/batch-cache.ts";
import { startLoop, type Loop } from "./loop.ts";
import type { SeriesRejects } from "./series-rejects.ts";
import type { CursorFile } from "../stores/influx/cursor-file.ts";
import type { Registry, RegistryCache } from "../stores/caches/device-registry.ts";
import type { InfluxSeriesStore } from "../stores/influx/series.ts";
import { openCachedBatchReader } from "../pipeline/read-batch.ts";

export interface SeriesWorkerOptions {
  journal: JournalReader;
  registry: RegistryCache;
  series: InfluxSeriesStore;
  /** kept beside the journal, not in Postgres: an outage of one store must not stop the other */
  cursorFile: CursorFile;
  /** where readings go that the series store does not take */
  rejects: Pick<SeriesRejects, "add">;
  /** what the state worker reads of the same journal */
  batchCache: BatchCache;
  log: Logger;
}

export interface SeriesWorker extends Loop {
  cursor(): Position;
}

/**
 * Follows the journal at its own pace and writes gps, scale and env readings to InfluxDB. At least once, idempotent by
 * series and timestamp; so its cursor may lag behind what it wrote, but never runs ahead.
 */
export async function startSeriesWorker(options: SeriesWorkerOptions): Promise<SeriesWorker> {
  const { journal, registry, series, cursorFile, rejects, batchCache, log } = options;
  const batchReader = openCachedBatchReader(journal, batchCache);
  const saved = await cursorFile.load(journal.id);
  let cursor = saved?.position ?? (await journal.oldest());
  /** of this worker's own: it may stand elsewhere than the state worker, whose decoders remember for themselves */
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
    const remembered = new Map([...decoderStates, ...newStates]);
    await cursorFile.save(journal.id, { position: next, decoderStates: remembered });
    decoderStates = remembered;
    cursor = next;
    return true;
  }

  /** Nothing refuses a write made with an old registry, so a device it does not know is asked for once more. */
  async function registryFor(records: readonly JournalRecord[]): Promise<Registry> {
    const known = await current();
    if (records.every(({ deviceId }) => known.devices.has(deviceId))) return known;
    registry.stale();
    return current();
  }

  /** While Postgres is away the registry as last read will do: what matters here is each device's decoder. */
  function current(): Promise<Registry> {
    return registry.current().catch((error: unknown) => {
      const last = registry.last();
      if (last === undefined) throw error;
      return last;
    });
  }

  const loop = startLoop("series", tick, log);
  return { ...loop, cursor: () => cursor };
}

export function isSeries(reading: Reading): reading is Reading<SeriesKind> {
  return reading.kind in SERIES_COLUMNS;
}

/** Readings of more than five minutes ahead are quarantined by the state worker (judge.ts). */
function isNotFuture({ ts, receivedAt }: Reading): boolean {
  return ts <= receivedAt + MAX_AHEAD_MS;
}
