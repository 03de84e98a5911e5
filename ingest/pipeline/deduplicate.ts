import { addIgnoredFields } from "../decoders/validation/ignored-fields.ts";
import type { IgnoredField } from "../domain/ignored-field.ts";
import type { ReadingKind } from "../domain/reading-kinds.ts";
import { impossibleTime } from "../decoders/validation/impossible-time.ts";
import { type Reading, sourceOf } from "./reading.ts";
import { type DecodedBatch, REFUSED_BY_STORE } from "./decode.ts";
import { readingIdentity, readingKey } from "../stores/caches/identities.ts";
import { REORDER_WINDOW_MS } from "../signals/window.ts";
import type { DeviceState, DeviceSignals, DeviceCounts } from "../stores/encoding/device-state.ts";
import type { QuarantineRow } from "../stores/writes/quarantine.ts";

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
  ignored: DeviceState["ignored"];
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
  decoded: Pick<DecodedBatch, "readings" | "quarantine" | "decoderStates" | "ignored">,
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
  // The fields of a message that is tried again were counted when it came.
  if (retried.length === 0) countIgnored(result, decoded.ignored, states);
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
      continue;
    }
    const impossible = impossibleTime(reading.ts, reading.receivedAt);
    if (impossible) {
      countQuarantined(device, reading.receivedAt);
      result.quarantine.push(quarantineRow(reading, impossible.reason, impossible.detail));
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

/** Counts message by message; those of a device that follow one another with the same list at once. */
function countIgnored(
  result: Deduplicated,
  ignored: DecodedBatch["ignored"],
  states: ReadonlyMap<string, DeviceState>,
): void {
  const runs = new Map<string, { fields: readonly IgnoredField[]; messages: number }>();
  const count = (deviceId: string, { fields, messages }: { fields: readonly IgnoredField[]; messages: number }) => {
    const device = deviceOf(result, states.get(deviceId)!);
    device.ignored = addIgnoredFields(device.ignored, fields, messages);
  };
  for (const { deviceId, fields } of ignored) {
    const run = runs.get(deviceId);
    if (run?.fields === fields) {
      run.messages += 1;
      continue;
    }
    if (run) count(deviceId, run);
    runs.set(deviceId, { fields, messages: 1 });
  }
  for (const [deviceId, run] of runs) count(deviceId, run);
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
      ignored: before.ignored,
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

/** A presence report is no measurement: it is not counted, and its time, often that of receipt, moves no `newestTs`. */
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
  const message = { topic: `devices/${deviceId}/${kind}`, payload: Buffer.from(JSON.stringify(content)) };
  return { source: sourceOf(reading), deviceId, receivedAt, reason, detail, ...message };
}
