import type { Logger } from "pino";
import type { JournalReader, Position } from "../../broker/journal/journal.ts";
import { isSeriesKind, type SeriesKind } from "../domain/reading-kinds.ts";
import type { Reading } from "../pipeline/reading.ts";
import { decode } from "../pipeline/decode.ts";
import type { JournalRecord } from "../pipeline/records/journal-record.ts";
import { endsBefore } from "../pipeline/journal-position.ts";
import { impossibleTime } from "../decoders/validation/impossible-time.ts";
import type { BatchCache } from "../pipeline/batch-cache.ts";
import { reusableDecoding } from "../pipeline/journal-batch.ts";
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
  rejects: Pick<SeriesRejects, "add" | "addGap">;
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
  /** the number of the frame that is expected at the cursor; undefined: not known */
  let expected = saved?.sequence;
  /** separate from those of the state worker, which may be at another position of the journal */
  let decoderStates: ReadonlyMap<string, unknown> = saved?.decoderStates ?? new Map();
  if (await endsBefore(journal, cursor)) {
    log.error(
      { journal: journal.id, cursor },
      "the journal is older than the series cursor: reading it from its oldest frame",
    );
    cursor = await journal.oldest();
    expected = undefined;
    decoderStates = new Map();
  }

  async function tick(): Promise<boolean> {
    const batch = await batchReader.read(cursor);
    if (batch === undefined) return false;
    const { records, decoded, next } = batch;
    await reportGap(batch.sequence);
    const known = await registryFor(records);
    const { readings, decoderStates: newStates } =
      reusableDecoding(records, decoded, known) ?? decode(records, known, (id) => decoderStates.get(id));
    await rejects.add(await series.write(readings.filter(isSeries).filter(hasPossibleTime)), next);
    const nextStates = new Map([...decoderStates, ...newStates]);
    const sequence = next.sequence ?? undefined;
    await cursorFile.save(journal.id, { position: next, sequence, decoderStates: nextStates });
    decoderStates = nextStates;
    cursor = next;
    expected = sequence;
    return true;
  }

  /** Frames that the journal has lost before this worker read them are missing from the series, whoever else has read them. */
  async function reportGap(sequence: number): Promise<void> {
    if (expected === undefined || sequence <= expected) return;
    const gap = { fromFrame: expected, toFrame: sequence - 1 };
    log.error({ journal: journal.id, ...gap }, "journal frames were lost before they were written to the series store");
    await rejects.addGap(gap);
    // Reported once, also where the batch after it has to be written again.
    expected = sequence;
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

/** The state worker puts the others into quarantine (deduplicate.ts). */
function hasPossibleTime({ ts, receivedAt }: Reading): boolean {
  return impossibleTime(ts, receivedAt) === undefined;
}
