import type { ReadingKind } from "../domain/reading-kinds.ts";
import { type Reading, sourceOf } from "./reading.ts";
import { type DecodedBatch, REFUSED_BY_STORE } from "./decode.ts";
import { readingIdentity, readingKey } from "../stores/caches/identities.ts";
import { REORDER_WINDOW_MS } from "../signals/window.ts";
import type { DeviceState, DeviceSignals, DeviceCounts } from "../stores/encoding/device-state.ts";
import type { QuarantineRow } from "../stores/writes/quarantine.ts";

/** A reading further than this in the future of its receipt comes from a wrong clock, and goes to quarantine. */
export const MAX_AHEAD_MS = 5 * 60_000;
/** No reading was measured before: its clock was never set, or its unit is not milliseconds. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** One device's share of a batch: its new readings, and its counts after them. */
export interface DeviceReadings {
  before: DeviceState;
  /** in the order of receipt */
  newReadings: Reading[];
  /** content hashes of `newReadings` by identity; built when the first reading comes that may repeat one of them */
  hashes: Map<string, number> | undefined;
  /** those of `newReadings` measured more than 30 s before the device's newest */
  late: Set<Reading>;
  counts: DeviceCounts;
  newest: DeviceSignals["newest"];
  newestTs: number | null;
  lastReceivedAt: number;
  skewMs: number | null;
}

export interface Deduplicated {
  devices: Map<string, DeviceReadings>;
  /** conflicts, and readings with a time that cannot be */
  quarantine: QuarantineRow[];
}

/** Readings no newer than the device's newest of their kind: their identities must be looked up in the store. */
export function possibleDuplicates(readings: readonly Reading[], states: ReadonlyMap<string, DeviceState>): Reading[] {
  return readings.filter(({ deviceId, kind, ts }) => {
    const newest = states.get(deviceId)?.signal.newest[kind];
    return newest !== undefined && ts <= newest.ts;
  });
}

/** A quarantined message or reading that is processed again. */
export interface RetriedRow {
  source: string;
  deviceId: string;
  reason: string;
}

/** Why a reading that decoded well goes to quarantine. */
export interface Refusal {
  reason: string;
  detail: string;
  /** the same reading is in quarantine already */
  isWaiting: boolean;
}

/** The quarantine source of a refused reading: the same one sent again is there already. */
export function waitingSource({ deviceId, kind, ts, seq, contentHash }: Reading): string {
  return `${kind}/${deviceId}/${ts}/${seq}/${contentHash}`;
}

/** Why the reading of this source must go to quarantine; undefined for all others. */
export type ReadingRejection = (source: string) => string | undefined;

/**
 * Separates new readings from repeats. The first reading of an identity stays; a later one with other content is a
 * conflict.
 * @param decoded readings, and what could not be decoded, which counts as received too
 * @param known content hashes of stored identities, at least of the `possibleDuplicates`
 */
export function deduplicate(
  decoded: Pick<DecodedBatch, "readings" | "quarantine" | "decoderStates">,
  states: ReadonlyMap<string, DeviceState>,
  known: ReadonlyMap<string, number>,
  {
    rejectionOf,
    retried,
    refusals,
  }: {
    rejectionOf: ReadingRejection | undefined;
    retried: readonly RetriedRow[];
    /** by `waitingSource` */
    refusals?: ReadonlyMap<string, Refusal>;
  },
): Deduplicated {
  const result: Deduplicated = { devices: new Map(), quarantine: [] };
  for (const row of retried) {
    const state = states.get(row.deviceId);
    // Messages of an unregistered device were not counted when they came.
    if (state && row.reason !== "unknown-device") uncount(deviceOf(result, state));
  }
  // New decoder state is stored with the gateway, also when all its readings belong to child devices.
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
    } else if (reading.ts < EARLIEST_MS) {
      countQuarantined(device, reading.receivedAt);
      result.quarantine.push(quarantineRow(reading, "implausible_time", implausibleTime(reading.ts)));
    } else if (stored === undefined) {
      const refusal = refusals?.size ? refusals.get(waitingSource(reading)) : undefined;
      if (refusal === undefined) addNew(device, reading);
      else refuse(result, device, reading, refusal);
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

function implausibleTime(ts: number): string {
  // Epoch seconds of 2001 to 2033.
  if (ts >= 1e9 && ts < 2e9) return `ts ${ts} looks like seconds: send milliseconds, ${ts}000`;
  return `ts is ${new Date(ts).toISOString()}, before the year 2000: the device's clock is not set`;
}

function refuse(result: Deduplicated, device: DeviceReadings, reading: Reading, refusal: Refusal): void {
  const source = waitingSource(reading);
  if (refusal.isWaiting || result.quarantine.some((row) => row.source === source)) {
    countReceived(device, reading.receivedAt);
    device.counts.duplicate += 1;
    return;
  }
  countQuarantined(device, reading.receivedAt);
  result.quarantine.push({ ...quarantineRow(reading, refusal.reason, refusal.detail), source });
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

/** The content hash known under the reading's identity. A reading newer than all of its kind has none: no look-up. */
function storedHash(device: DeviceReadings, reading: Reading, known: ReadonlyMap<string, number>): number | undefined {
  const newest = device.newest[reading.kind];
  if (newest === undefined || reading.ts > newest.ts) return undefined;
  device.hashes ??= new Map(device.newReadings.map((earlier) => [readingIdentity(earlier), earlier.contentHash]));
  return device.hashes.get(readingIdentity(reading)) ?? known.get(readingKey(reading));
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
  device.hashes?.set(readingIdentity(reading), reading.contentHash);
  if (kind === "status") return addStatus(device, reading);
  countReceived(device, receivedAt);
  device.counts.stored += 1;
  if (device.newestTs !== null && ts < device.newestTs - REORDER_WINDOW_MS) {
    device.late.add(reading);
    device.counts.late += 1;
  }
  countGap(device, kind, reading);
  device.newestTs = Math.max(device.newestTs ?? ts, ts);
  // The smallest delay ever seen: the error of the device's clock plus the fastest transport.
  device.skewMs = Math.min(device.skewMs ?? Number.POSITIVE_INFINITY, receivedAt - ts);
}

/**
 * A presence report is no measurement: it is not counted, and its time, often that of receipt, must not move `newestTs`,
 * which says how far the device is with its readings.
 */
function addStatus(device: DeviceReadings, { ts, seq, receivedAt }: Reading): void {
  device.lastReceivedAt = Math.max(device.lastReceivedAt, receivedAt);
  const before = device.newest.status;
  if (before === undefined || ts >= before.ts) device.newest.status = { ts, seq };
}

/** Skipped counter values are missing readings; one that arrives later is no longer missing. */
function countGap({ counts, newest }: DeviceReadings, kind: ReadingKind, { ts, seq }: Reading): void {
  const before = newest[kind];
  if (before === undefined || ts >= before.ts) {
    if (before && seq > before.seq && before.seq >= 0) counts.gap += seq - before.seq - 1;
    newest[kind] = { ts, seq };
  } else if (seq >= 0 && seq < before.seq && counts.gap > 0) {
    counts.gap -= 1;
  }
}

/** One reading as a quarantine row, in the native format: a retry can decode it whatever format it came in. */
function quarantineRow(reading: Reading, reason: string, detail: string): QuarantineRow {
  const { deviceId, kind, receivedAt, content } = reading;
  const topic = `devices/${deviceId}/${kind}`;
  const payload = Buffer.from(JSON.stringify(content));
  return { source: sourceOf(reading), deviceId, topic, receivedAt, reason, detail, payload };
}
