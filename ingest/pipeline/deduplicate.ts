import { type Arrival, type ArrivalKind, sourceOf } from "./reading.ts";
import { type DecodedBatch, REFUSED_BY_STORE } from "./decode.ts";
import type { DeviceState, SignalMemory } from "../stores/caches/device-states.ts";
import { identityOf, keyOf } from "../stores/caches/identities.ts";
import type { DeviceCounts } from "../stores/writes/devices.ts";
import type { QuarantineRow } from "../stores/writes/messages.ts";
import { REORDER_WINDOW_MS } from "../signals/window.ts";

/** A clock this far ahead of ours is wrong; what it says cannot be placed in time. */
export const MAX_AHEAD_MS = 5 * 60_000;

/** One device's share of a batch: which of its readings are new, and the counts that follow. */
export interface JudgedDevice {
  before: DeviceState;
  /** new readings in order of arrival */
  fresh: Arrival[];
  /** content hashes of `fresh` by identity; made when the first reading comes that may be a repeat of one of them */
  hashes: Map<string, number> | undefined;
  /** of `fresh`: measured more than 30 s before the device's newest */
  late: Set<Arrival>;
  counts: DeviceCounts;
  newest: SignalMemory["newest"];
  newestTs: number | null;
  lastReceivedAt: number;
  skewMs: number | null;
}

export interface Judged {
  devices: Map<string, JudgedDevice>;
  /** conflicts and readings from the future, to be added to what could not be decoded */
  quarantine: QuarantineRow[];
}

/** Readings whose novelty cannot be told from the device's newest alone: these must be looked up. */
export function doubtful(arrivals: readonly Arrival[], states: ReadonlyMap<string, DeviceState>): Arrival[] {
  return arrivals.filter(({ deviceId, kind, ts }) => {
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
export type Refusal = (source: string) => string | undefined;

/**
 * Tells new readings from repeats. The first of an identity stays; another content under it is a conflict.
 * @param decoded readings, and what could not be decoded, which counts as received too
 * @param known content hashes of stored identities, for at least the `doubtful` ones
 */
export function judge(
  decoded: Pick<DecodedBatch, "arrivals" | "quarantine" | "decoderStates">,
  states: ReadonlyMap<string, DeviceState>,
  known: ReadonlyMap<string, number>,
  { refusal: refusalOf, retried }: { refusal: Refusal | undefined; retried: readonly RetriedRow[] },
): Judged {
  const judged: Judged = { devices: new Map(), quarantine: [] };
  for (const row of retried) {
    const state = states.get(row.deviceId);
    // A device that was not registered then was not counted then either.
    if (state && row.reason !== "unknown-device") countBack(deviceOf(judged, state));
  }
  // What a decoder has learnt is kept with the gateway, also when all it passed on was of devices behind it.
  for (const id of decoded.decoderStates.keys()) deviceOf(judged, states.get(id)!);
  for (const row of decoded.quarantine) {
    const state = states.get(row.deviceId);
    if (state) refuse(deviceOf(judged, state), row.receivedAt);
  }
  for (const arrival of decoded.arrivals) {
    const device = deviceOf(judged, states.get(arrival.deviceId)!);
    const stored = storedHash(device, arrival, known);
    const refusal = refusalOf?.(sourceOf(arrival));
    if (refusal !== undefined) {
      refuse(device, arrival.receivedAt);
      judged.quarantine.push(quarantined(arrival, REFUSED_BY_STORE, refusal));
    } else if (arrival.ts > arrival.receivedAt + MAX_AHEAD_MS) {
      refuse(device, arrival.receivedAt);
      const aheadS = Math.round((arrival.ts - arrival.receivedAt) / 1000);
      judged.quarantine.push(quarantined(arrival, "future", `ts is ${aheadS} s ahead of the time of receipt`));
    } else if (stored === undefined) {
      accept(device, arrival);
    } else if (stored === arrival.contentHash) {
      if (arrival.kind === "status") {
        device.lastReceivedAt = Math.max(device.lastReceivedAt, arrival.receivedAt);
        continue;
      }
      receive(device, arrival.receivedAt);
      device.counts.duplicate += 1;
    } else {
      refuse(device, arrival.receivedAt);
      judged.quarantine.push(quarantined(arrival, "conflict", "another reading has this device, kind, ts and seq"));
    }
  }
  return judged;
}

function deviceOf(judged: Judged, before: DeviceState): JudgedDevice {
  let device = judged.devices.get(before.deviceId);
  if (device === undefined) {
    device = {
      before,
      fresh: [],
      hashes: undefined,
      late: new Set(),
      counts: { ...before.counts },
      newest: { ...before.signal.newest },
      newestTs: before.newestTs,
      lastReceivedAt: 0,
      skewMs: before.skewMs,
    };
    judged.devices.set(before.deviceId, device);
  }
  return device;
}

/** What is stored under the reading's identity, or came before it in this batch. Newer than all of those is new without a look. */
function storedHash(device: JudgedDevice, arrival: Arrival, known: ReadonlyMap<string, number>): number | undefined {
  const newest = device.newest[arrival.kind];
  if (newest === undefined || arrival.ts > newest.ts) return undefined;
  device.hashes ??= new Map(device.fresh.map((earlier) => [identityOf(earlier), earlier.contentHash]));
  return device.hashes.get(identityOf(arrival)) ?? known.get(keyOf(arrival));
}

function countBack({ counts }: JudgedDevice): void {
  counts.received -= 1;
  counts.quarantined -= 1;
}

function receive(device: JudgedDevice, receivedAt: number): void {
  device.counts.received += 1;
  device.lastReceivedAt = Math.max(device.lastReceivedAt, receivedAt);
}

function refuse(device: JudgedDevice, receivedAt: number): void {
  receive(device, receivedAt);
  device.counts.quarantined += 1;
}

function accept(device: JudgedDevice, arrival: Arrival): void {
  const { ts, receivedAt, kind } = arrival;
  device.fresh.push(arrival);
  device.hashes?.set(identityOf(arrival), arrival.contentHash);
  if (kind === "status") return acceptStatus(device, arrival);
  receive(device, receivedAt);
  device.counts.stored += 1;
  if (device.newestTs !== null && ts < device.newestTs - REORDER_WINDOW_MS) {
    device.late.add(arrival);
    device.counts.late += 1;
  }
  countGap(device, kind, arrival);
  device.newestTs = Math.max(device.newestTs ?? ts, ts);
  // The smallest delay seen is the clock's error plus the fastest way here.
  device.skewMs = Math.min(device.skewMs ?? Number.POSITIVE_INFINITY, receivedAt - ts);
}

/**
 * A word about presence is no reading: it is not counted, and its time, often that of receipt, says nothing of how far
 * the device has come with its readings.
 */
function acceptStatus(device: JudgedDevice, { ts, seq, receivedAt }: Arrival): void {
  device.lastReceivedAt = Math.max(device.lastReceivedAt, receivedAt);
  const before = device.newest.status;
  if (before === undefined || ts >= before.ts) device.newest.status = { ts, seq };
}

/** Counters skipped are readings missing; one that turns up later is missing no more. */
function countGap({ counts, newest }: JudgedDevice, kind: ArrivalKind, { ts, seq }: Arrival): void {
  const before = newest[kind];
  if (before === undefined || ts >= before.ts) {
    if (before && seq > before.seq && before.seq >= 0) counts.gap += seq - before.seq - 1;
    newest[kind] = { ts, seq };
  } else if (seq >= 0 && seq < before.seq && counts.gap > 0) {
    counts.gap -= 1;
  }
}

/** A reading by itself, on the topic where it can be told again whatever format it came in. */
function quarantined(arrival: Arrival, reason: string, detail: string): QuarantineRow {
  const { deviceId, kind, receivedAt, content } = arrival;
  const topic = `devices/${deviceId}/${kind}`;
  const payload = Buffer.from(JSON.stringify(content));
  return { source: sourceOf(arrival), deviceId, topic, receivedAt, reason, detail, payload };
}
