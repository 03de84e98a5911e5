import { type Reading, type ReadingKind, sourceOf } from "./reading.ts";
import { type DecodedBatch, REFUSED_BY_STORE } from "./decode.ts";
import type { DeviceState, SignalMemory } from "../stores/caches/device-states.ts";
import { identityOf, keyOf } from "../stores/caches/identities.ts";
import type { DeviceCounts } from "../stores/writes/devices.ts";
import type { QuarantineRow } from "../stores/writes/messages.ts";
import { REORDER_WINDOW_MS } from "../signals/window.ts";

/** A clock this far ahead of ours is wrong; what it says cannot be placed in time. */
export const MAX_AHEAD_MS = 5 * 60_000;

/** One device's share of a batch: which of its readings are new, and the counts that follow. */
export interface DeviceReadings {
  before: DeviceState;
  /** new readings in order of reading */
  newReadings: Reading[];
  /** content hashes of `newReadings` by identity; made when the first reading comes that may be a repeat of one of them */
  hashes: Map<string, number> | undefined;
  /** of `newReadings`: measured more than 30 s before the device's newest */
  late: Set<Reading>;
  counts: DeviceCounts;
  newest: SignalMemory["newest"];
  newestTs: number | null;
  lastReceivedAt: number;
  skewMs: number | null;
}

export interface Deduplicated {
  devices: Map<string, DeviceReadings>;
  /** conflicts and readings from the future, to be added to what could not be decoded */
  quarantine: QuarantineRow[];
}

/** Readings whose novelty cannot be told from the device's newest alone: these must be looked up. */
export function possibleDuplicates(readings: readonly Reading[], states: ReadonlyMap<string, DeviceState>): Reading[] {
  return readings.filter(({ deviceId, kind, ts }) => {
    const newest = states.get(deviceId)?.signal.newest[kind];
    return newest !== undefined && ts <= newest.ts;
  });
}

/** A row of quarantine that is looked at again. */
export interface RetriedRow {
  source: string;
  deviceId: string;
  reason: string;
}

/** Why the reading of this source is to go to quarantine; undefined for all others. */
export type ReadingRejection = (source: string) => string | undefined;

/**
 * Tells new readings from repeats. The first of an identity stays; another content under it is a conflict.
 * @param decoded readings, and what could not be decoded, which counts as received too
 * @param known content hashes of stored identities, for at least the `doubtful` ones
 */
export function deduplicate(
  decoded: Pick<DecodedBatch, "readings" | "quarantine" | "decoderStates">,
  states: ReadonlyMap<string, DeviceState>,
  known: ReadonlyMap<string, number>,
  { rejectionOf, retried }: { rejectionOf: ReadingRejection | undefined; retried: readonly RetriedRow[] },
): Deduplicated {
  const result: Deduplicated = { devices: new Map(), quarantine: [] };
  for (const row of retried) {
    const state = states.get(row.deviceId);
    // A device that was not registered then was not counted then either.
    if (state && row.reason !== "unknown-device") uncount(deviceOf(result, state));
  }
  // What a decoder has learnt is kept with the gateway, also when all it passed on was of devices behind it.
  for (const id of decoded.decoderStates.keys()) deviceOf(result, states.get(id)!);
  for (const row of decoded.quarantine) {
    const state = states.get(row.deviceId);
    if (state) countQuarantined(deviceOf(result, state), row.receivedAt);
  }
  for (const reading of decoded.readings) {
    const device = deviceOf(result, states.get(reading.deviceId)!);
    const stored = storedHash(device, reading, known);
    const rejection = rejectionOf?.(sourceOf(reading));
    if (rejection !== undefined) {
      countQuarantined(device, reading.receivedAt);
      result.quarantine.push(quarantineRow(reading, REFUSED_BY_STORE, rejection));
    } else if (reading.ts > reading.receivedAt + MAX_AHEAD_MS) {
      countQuarantined(device, reading.receivedAt);
      const aheadS = Math.round((reading.ts - reading.receivedAt) / 1000);
      result.quarantine.push(quarantineRow(reading, "future", `ts is ${aheadS} s ahead of the time of receipt`));
    } else if (stored === undefined) {
      addNew(device, reading);
    } else if (stored === reading.contentHash) {
      if (reading.kind === "status") {
        device.lastReceivedAt = Math.max(device.lastReceivedAt, reading.receivedAt);
        continue;
      }
      countReceived(device, reading.receivedAt);
      device.counts.duplicate += 1;
    } else {
      countQuarantined(device, reading.receivedAt);
      result.quarantine.push(quarantineRow(reading, "conflict", "another reading has this device, kind, ts and seq"));
    }
  }
  return result;
}

function deviceOf(deduplicated: Deduplicated, before: DeviceState): DeviceReadings {
  let device = deduplicated.devices.get(before.deviceId);
  if (device === undefined) {
    device = {
      before,
      newReadings: [],
      hashes: undefined,
      late: new Set(),
      counts: { ...before.counts },
      newest: { ...before.signal.newest },
      newestTs: before.newestTs,
      lastReceivedAt: 0,
      skewMs: before.skewMs,
    };
    deduplicated.devices.set(before.deviceId, device);
  }
  return device;
}

/** What is stored under the reading's identity, or came before it in this batch. Newer than all of those is new without a look. */
function storedHash(device: DeviceReadings, reading: Reading, known: ReadonlyMap<string, number>): number | undefined {
  const newest = device.newest[reading.kind];
  if (newest === undefined || reading.ts > newest.ts) return undefined;
  device.hashes ??= new Map(device.newReadings.map((earlier) => [identityOf(earlier), earlier.contentHash]));
  return device.hashes.get(identityOf(reading)) ?? known.get(keyOf(reading));
}

function uncount({ counts }: DeviceReadings): void {
  counts.received -= 1;
  counts.quarantined -= 1;
}

function countReceived(device: DeviceReadings, receivedAt: number): void {
  device.counts.received += 1;
  device.lastReceivedAt = Math.max(device.lastReceivedAt, receivedAt);
}

function countQuarantined(device: DeviceReadings, receivedAt: number): void {
  countReceived(device, receivedAt);
  device.counts.quarantined += 1;
}

function addNew(device: DeviceReadings, reading: Reading): void {
  const { ts, receivedAt, kind } = reading;
  device.newReadings.push(reading);
  device.hashes?.set(identityOf(reading), reading.contentHash);
  if (kind === "status") return addStatus(device, reading);
  countReceived(device, receivedAt);
  device.counts.stored += 1;
  if (device.newestTs !== null && ts < device.newestTs - REORDER_WINDOW_MS) {
    device.late.add(reading);
    device.counts.late += 1;
  }
  countGap(device, kind, reading);
  device.newestTs = Math.max(device.newestTs ?? ts, ts);
  // The smallest delay seen is the clock's error plus the fastest way here.
  device.skewMs = Math.min(device.skewMs ?? Number.POSITIVE_INFINITY, receivedAt - ts);
}

/**
 * A word about presence is no reading: it is not counted, and its time, often that of receipt, says nothing of how far
 * the device has come with its readings.
 */
function addStatus(device: DeviceReadings, { ts, seq, receivedAt }: Reading): void {
  device.lastReceivedAt = Math.max(device.lastReceivedAt, receivedAt);
  const before = device.newest.status;
  if (before === undefined || ts >= before.ts) device.newest.status = { ts, seq };
}

/** Counters skipped are readings missing; one that turns up later is missing no more. */
function countGap({ counts, newest }: DeviceReadings, kind: ReadingKind, { ts, seq }: Reading): void {
  const before = newest[kind];
  if (before === undefined || ts >= before.ts) {
    if (before && seq > before.seq && before.seq >= 0) counts.gap += seq - before.seq - 1;
    newest[kind] = { ts, seq };
  } else if (seq >= 0 && seq < before.seq && counts.gap > 0) {
    counts.gap -= 1;
  }
}

/** A reading by itself, on the topic where it can be told again whatever format it came in. */
function quarantineRow(reading: Reading, reason: string, detail: string): QuarantineRow {
  const { deviceId, kind, receivedAt, content } = reading;
  const topic = `devices/${deviceId}/${kind}`;
  const payload = Buffer.from(JSON.stringify(content));
  return { source: sourceOf(reading), deviceId, topic, receivedAt, reason, detail, payload };
}
