import type { Mutex } from "async-mutex";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Reading } from "./reading.ts";
import { type BatchCounts, batchCounts } from "../stores/encoding/device-state.ts";
import { decide, noticeOf } from "../decisions/decide.ts";
import { decode } from "./decode.ts";
import { deviceIdsOf, type JournalRecord } from "./records/journal-record.ts";
import type { NewFact } from "../domain/fact.ts";
import { changedVehicles } from "./vehicle-positions.ts";
import { groupBy } from "../domain/group-by.ts";
import { isSeriesKind } from "../domain/reading-kinds.ts";
import { type DecodedWith, reusableDecoding } from "./journal-batch.ts";
import { possibleDuplicates, type Deduplicated, type ReadingRejection, type RetriedRow } from "./deduplicate.ts";
import { remarksOf } from "./refused-scans.ts";
import { detectNew } from "./detect-new.ts";
import type { BatchDetections } from "./detect.ts";
import type { DeviceStates } from "../stores/caches/device-states.ts";
import type { ReadingIdentities } from "../stores/caches/identities.ts";
import { type JournalFrameEnd, requestTagDerivations, writeLateWindows } from "../stores/writes/late-windows.ts";
import { fireTimersOfVehicles, writeTimers } from "../stores/writes/timers.ts";
import { writeDeviceStates, writeTagStates, deviceStateRow } from "../stores/writes/device-states.ts";
import { writeReadingIds, writeReadings } from "../stores/writes/readings.ts";
import type { ReadingDays } from "../stores/caches/reading-days.ts";
import type { DeviceRegistryCache } from "../stores/caches/device-registry.ts";
import type { Write, VersionConflict } from "../stores/statement.ts";
import { tagStateRow, type TagStates } from "../stores/caches/tag-states.ts";
import { checkRegistry } from "../stores/writes/registry-version.ts";
import { writeCheckpoints } from "../stores/writes/checkpoints.ts";
import { writeVehiclePositions } from "../stores/writes/vehicle-positions.ts";
import { notifyChanges } from "../stores/writes/change-notice.ts";
import { type QuarantineRow, releaseQuarantine, writeQuarantine } from "../stores/writes/quarantine.ts";
import { type RawMessageRow, writeRawMessages } from "../stores/writes/raw-messages.ts";
import { writesOfReports } from "./error-reports.ts";
import { sendReplies } from "../stores/writes/replies.ts";
import { createStockPositions, retryScansAboard } from "../stores/writes/waiting-scans.ts";
import { writeReadingFlags } from "../stores/writes/reading-flags.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** Everything that processing a batch reads from. */
export interface Stores {
  pool: Pool;
  registry: DeviceRegistryCache;
  deviceStates: DeviceStates;
  tagStates: TagStates;
  identities: ReadingIdentities;
  days: ReadingDays;
  /**
   * Held by a worker of this process while it writes device states: two at once would cause each other version conflicts
   * again and again. It only saves work; the guard in every statement is what keeps writers of all processes correct.
   */
  mutex: Mutex;
  /** the series worker writes the content of gps, scale and env readings to InfluxDB; Postgres keeps their identities */
  seriesInInflux: boolean;
  log: Logger;
}

export interface ProcessedBatch {
  /** the writes of the statement to commit */
  writes: Write[];
  /** all readings of the batch */
  readings: readonly Reading[];
  /** those that are no repeats */
  newReadings: readonly Reading[];
  counts: BatchCounts;
  /** puts the new states into the caches; call it after the commit */
  commitCaches(): void;
  /** drops the cached states that a failed commit was folded from; subjects are not cached */
  invalidate(conflict: VersionConflict | undefined): void;
}

/** How one batch is processed differently. */
export interface BatchOptions {
  /** the error text for readings that the database refuses: these go to quarantine */
  rejectionOf?: ReadingRejection | undefined;
  /** messages whose bytes the database refuses, source → error text: these go to quarantine undecoded */
  rejectedMessages?: ReadonlyMap<string, string> | undefined;
  /** the quarantine rows these messages come from: their old counts are taken back first */
  retried?: readonly RetriedRow[];
  /** where these records end in the journal; undefined when their readings are in the series store already */
  through?: JournalFrameEnd;
  /** the records as decoded earlier, with the registry used then; decoded again when a device has changed since */
  decoded?: DecodedWith | undefined;
}

/**
 * Turns journal records into the statement that commits their effects (the steps are listed in worker.ts). It writes
 * nothing itself, except partitions for days that have none.
 */
export async function processBatch(
  stores: Stores,
  records: readonly JournalRecord[],
  options: BatchOptions = {},
): Promise<ProcessedBatch> {
  const { rejectionOf, rejectedMessages, retried = [], through, decoded: before } = options;
  const registry = await stores.registry.current();
  const deviceIds = deviceIdsOf(records);
  const states = await stores.deviceStates.load(registeredIds(deviceIds, registry));
  const decoded =
    reusableDecoding(records, before, registry) ??
    decode(records, registry, (id) => states.get(id)?.signal.decoder, rejectedMessages);
  // Which devices a server forwards for is told in the payloads.
  const named = [...decoded.forwardedFor].filter((id) => !deviceIds.has(id));
  for (const id of named) deviceIds.add(id);
  for (const [id, state] of await stores.deviceStates.load(registeredIds(named, registry))) states.set(id, state);
  const known = await stores.identities.findStored(possibleDuplicates(decoded.readings, states));
  const found = await detectNew(decoded, { ...stores, registry, states, known, rejectionOf, retried });
  const { deduplicated, newReadings, detections, scans } = found;
  const devices = [...deduplicated.devices.values()];
  const newPositions = scans.flatMap(({ newPosition }) => newPosition ?? []);
  if (newPositions.length > 0) {
    await createStockPositions(stores.pool, newPositions);
    stores.registry.invalidate();
    return processBatch(stores, records, options);
  }
  // What is tried again was counted when it came. Devices that are not registered share one limit.
  const limitedAs = (id: string) => (retried.length > 0 ? undefined : registry.devices.has(id) ? id : "");
  const retriedSources = new Set(retried.map(({ source }) => source));
  const added = [...detections.added, ...scans.flatMap(({ facts }) => facts)];
  const decision = await decide(stores.pool, { added, withdrawn: detections.withdrawn }, registry.places);
  await stores.days.ensure([...newReadings.map(({ ts }) => ts), ...decoded.raw.map(({ receivedAt }) => receivedAt)]);
  const quarantine = [...decoded.quarantine, ...deduplicated.quarantine];
  const notice = notifyChanges({
    ...noticeOf(decision),
    ...changedVehicles(detections),
    ...(devices.length > 0 && { devices: [...deduplicated.devices.keys()] }),
  });
  return {
    writes: [
      checkRegistry(registry, { deviceIds, stockIds: decision.stockIds, looksUpStock: scans.length > 0 }),
      ...writesOfReadings(newReadings, stores.seriesInInflux),
      ...writesOfSignals(detections, deduplicated, through),
      ...writesOfMessages(quarantine, decoded.raw, limitedAs),
      ...(decoded.replies.length > 0 && retried.length === 0 ? [sendReplies(decoded.replies)] : []),
      ...writesOfReports(
        quarantine.filter(({ source }) => !retriedSources.has(source)),
        remarksOf(scans, decision),
        registry,
      ),
      ...decision.writes,
      ...writesOfRetries(retriedSources, quarantine, vehiclesArrived(detections.added)),
      notice,
    ],
    readings: decoded.readings,
    newReadings,
    counts: batchCounts(devices, newReadings.length, quarantine.length),
    commitCaches() {
      stores.deviceStates.commit(detections.states);
      stores.tagStates.commit(detections.tags);
      for (const { before, newReadings } of devices) {
        stores.identities.commit(before.deviceId, newReadings, (kind) => before.signal.newest[kind]?.ts);
      }
    },
    invalidate(conflict) {
      if (conflict === "subject") return;
      stores.registry.invalidate();
      if (conflict === "registry") return;
      const ids = new Set(deduplicated.devices.keys());
      stores.deviceStates.invalidate(ids);
      stores.tagStates.invalidate(ids);
      stores.identities.invalidate(ids);
    },
  };
}

function registeredIds(ids: Iterable<string>, registry: DeviceRegistry): string[] {
  return [...ids].filter((id) => registry.devices.has(id));
}

function writesOfReadings(newReadings: readonly Reading[], seriesInInflux: boolean): Write[] {
  const writes: Write[] = [];
  const identified: Reading[] = [];
  for (const [kind, readings] of groupBy(newReadings, (reading) => reading.kind)) {
    if (seriesInInflux && isSeriesKind(kind)) identified.push(...readings);
    else writes.push(writeReadings(kind, readings));
  }
  if (identified.length > 0) writes.push(writeReadingIds(identified));
  return writes;
}

function writesOfSignals(
  detections: BatchDetections,
  deduplicated: Deduplicated,
  through: JournalFrameEnd | undefined,
): Write[] {
  const writes: Write[] = [];
  const rows = detections.states.map((state) => {
    const { lastReceivedAt, before } = deduplicated.devices.get(state.deviceId)!;
    return deviceStateRow(state, lastReceivedAt, before);
  });
  if (rows.length > 0) writes.push(writeDeviceStates(rows, through?.journalId ?? null));
  const { readersToDeriveAgain } = detections;
  if (readersToDeriveAgain.length > 0) writes.push(requestTagDerivations(readersToDeriveAgain, through));
  if (detections.tags.length > 0) writes.push(writeTagStates(detections.tags.map(tagStateRow)));
  if (detections.flags.length > 0) writes.push(writeReadingFlags(detections.flags));
  if (detections.late.length > 0) writes.push(writeLateWindows(detections.late, through));
  if (detections.checkpoints.length > 0) writes.push(writeCheckpoints(detections.checkpoints));
  if (detections.timers.length > 0) writes.push(writeTimers("tag-presence", detections.timers));
  const newest = new Map<number, BatchDetections["positions"][number]>();
  for (const row of detections.positions) {
    const known = newest.get(row.vehicleId);
    if (known === undefined || known.ts < row.ts || (known.ts === row.ts && known.deviceId <= row.deviceId)) {
      newest.set(row.vehicleId, row);
    }
  }
  if (newest.size > 0) {
    writes.push(
      writeVehiclePositions([...newest.values()]),
      fireTimersOfVehicles([...newest.values()], detections.timers),
    );
  }
  return writes;
}

function writesOfMessages(
  quarantine: readonly QuarantineRow[],
  raw: readonly RawMessageRow[],
  limitedAs: (deviceId: string) => string | undefined,
): Write[] {
  return [
    ...(quarantine.length > 0 ? writeQuarantine(quarantine, limitedAs) : []),
    ...(raw.length > 0 ? [writeRawMessages(raw)] : []),
  ];
}

/** @param retried sources that were tried again: those that are not in quarantine again leave it */
function writesOfRetries(
  retried: ReadonlySet<string>,
  quarantine: readonly QuarantineRow[],
  vehicleIds: readonly number[],
): Write[] {
  const refused = new Set(quarantine.map(({ source }) => source));
  const released = [...retried].filter((source) => !refused.has(source));
  return [
    ...(released.length > 0 ? [releaseQuarantine(released)] : []),
    // Within a retry it would ask for the same rows again.
    ...(vehicleIds.length > 0 && retried.size === 0 ? [retryScansAboard(vehicleIds)] : []),
  ];
}

function vehiclesArrived(facts: readonly NewFact[]): number[] {
  const arrived = facts.filter(({ type }) => type === "arrived" || type === "departed");
  return [...new Set(arrived.map(({ subject }) => Number(subject.slice("vehicle:".length))))];
}
