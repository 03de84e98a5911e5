import type { SignalKind } from "../domain/reading-kinds.ts";
import type { Reading } from "./reading.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { groupBy } from "../domain/group-by.ts";
import type { DeviceReadings } from "./deduplicate.ts";
import { compareSamples, type Quality, type Sample } from "../signals/signal-rule.ts";
import { emptyWindow, currentState, detect as detectInWindow } from "../signals/window.ts";
import { dwellSubject } from "../stores/queries/tag-timeouts.ts";
import type { TimerRow } from "../stores/writes/timers.ts";
import type { LateWindow } from "../stores/writes/late-windows.ts";
import type { TagState } from "../stores/caches/tag-states.ts";
import {
  GPS_SIGNAL,
  SCALE_SIGNAL,
  type Signal,
  signalName,
  TAG_SIGNAL,
  type SignalDefinition,
  VEHICLE_SIGNAL,
} from "./signal-kinds.ts";
import { setLatestFixes } from "./latest-fix.ts";
import { addFlag } from "./reading-flag-rows.ts";
import { addProven } from "./proven-end.ts";
import { detectLife, type SilentTime } from "./reader-signs.ts";
import { positionsFrom } from "./vehicle-positions.ts";
import { currentPresence, dwellEndAfter, dwellWaitMs } from "./tag-dwell-end.ts";
import type { DeviceState, SignalState } from "../stores/encoding/device-state.ts";
import type { CheckpointRow } from "../stores/writes/checkpoints.ts";
import type { ReadingFlagRow } from "../stores/writes/reading-flags.ts";
import type { VehiclePositionRow } from "../stores/writes/vehicle-positions.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** The conclusions of the signal rules from a batch. */
export interface BatchDetections {
  states: DeviceState[];
  tags: TagState[];
  added: NewFact[];
  withdrawn: { key: string; subject: Subject; at: number }[];
  flags: ReadingFlagRow[];
  positions: VehiclePositionRow[];
  /** time ranges whose readings are not at hand here: the late data worker derives them again */
  late: LateWindow[];
  checkpoints: CheckpointRow[];
  /** readers that were at work in times in which they seemed silent: all their tags are derived again from then on */
  readersToDeriveAgain: SilentTime[];
  /** when the timer worker must check whether silence has ended a dwell */
  timers: TimerRow[];
}

/** Runs the signal rules over every device's new readings. Pure: it returns new states and changes none. */
export function detect(
  devices: Iterable<DeviceReadings>,
  registry: DeviceRegistry,
  tags: ReadonlyMap<string, TagState>,
  decoderStates: ReadonlyMap<string, unknown>,
): BatchDetections {
  const detections: BatchDetections = {
    states: [],
    tags: [],
    added: [],
    withdrawn: [],
    flags: [],
    positions: [],
    late: [],
    checkpoints: [],
    readersToDeriveAgain: [],
    timers: [],
  };
  const late: Reading[] = [];
  const corrected: Reading[] = [];
  for (const device of devices) {
    const state = nextState(device, decoderStates);
    detectLife(detections, device, state, registry.devices.get(state.deviceId));
    detectGps(detections, device, state, registry);
    detectScale(detections, device, state, registry);
    detectVehicle(detections, device, state, registry);
    detectTags(detections, device, state, registry, tags);
    late.push(...device.late);
    for (const reading of device.newReadings) if (reading.timeCorrected) corrected.push(reading);
    detections.states.push(state);
  }
  if (late.length > 0) addFlag(detections.flags, late, "late");
  if (corrected.length > 0) addFlag(detections.flags, corrected, "timeCorrected");
  return detections;
}

function nextState(device: DeviceReadings, decoderStates: ReadonlyMap<string, unknown>): DeviceState {
  const { before, counts, newest, newestTs, skewMs, ignored } = device;
  const latest = { ...before.latest };
  for (const { kind, content, receivedAt } of newestPerKind(device.newReadings)) {
    const known = latest[kind];
    if (known === undefined || compareSamples(sampleOrder(known), sampleOrder(content)) <= 0) {
      Object.assign(latest, { [kind]: { ...content, received_at: receivedAt } });
    }
  }
  const decoder = decoderStates.get(before.deviceId) ?? before.signal.decoder;
  const signal = { ...before.signal, newest, ...(decoder !== undefined && { decoder }) };
  return { ...before, version: before.version + 1, counts, newestTs, skewMs, latest, signal, ignored };
}

function newestPerKind(readings: readonly Reading[]): Iterable<Reading> {
  const newest = new Map<Reading["kind"], Reading>();
  for (const reading of readings) {
    // Which fix counts depends on its quality, which is not known yet.
    if (reading.kind === "gps") continue;
    const known = newest.get(reading.kind);
    if (known === undefined || compareSamples(known, reading) <= 0) newest.set(reading.kind, reading);
  }
  return newest.values();
}

function sampleOrder({ ts, seq = -1 }: { ts: number; seq?: number | undefined }): Sample {
  return { ts, seq };
}

function ofKind<K extends Reading["kind"]>(device: DeviceReadings, kind: K): Reading<K>[] {
  return device.newReadings.filter((reading): reading is Reading<K> => reading.kind === kind);
}

function detectGps(
  detections: BatchDetections,
  device: DeviceReadings,
  state: DeviceState,
  registry: DeviceRegistry,
): void {
  const readings = ofKind(device, "gps");
  if (readings.length === 0) return;
  const { deviceId } = state;
  const signal: Signal = { deviceId, kind: "gps", epc: "" };
  const result = detectSignal(detections, GPS_SIGNAL, signal, state.signal.gps, readings, registry);
  state.signal.gps = result.signalState;
  setLatestFixes(state.latest, result.qualities);
  for (const { sample, reading, quality } of result.qualities) {
    const { ts, seq } = sample;
    if (quality !== "ok" || !reading) detections.flags.push({ deviceId, ts, seq, kind: "gps", quality, late: false });
  }
  // A fix of an earlier batch whose quality changed: only its sample is at hand, so the late data worker derives it again.
  const reassessed = result.qualities.filter(({ reading }) => reading === undefined).map(({ sample }) => sample.ts);
  if (reassessed.length > 0)
    detections.late.push({ ...signal, from: Math.min(...reassessed), to: Math.max(...reassessed) });
  for (const row of positionsFrom(result.qualities, registry.devices.get(deviceId))) {
    const isOutdated = result.signalState.window.samples.some(({ ts, seq }) => ts === row.ts && seq > row.seq);
    if (!isOutdated) detections.positions.push(row);
  }
}

function detectScale(
  detections: BatchDetections,
  device: DeviceReadings,
  state: DeviceState,
  registry: DeviceRegistry,
): void {
  const readings = ofKind(device, "scale");
  if (readings.length === 0) return;
  const signal: Signal = { deviceId: state.deviceId, kind: "scale", epc: "" };
  const before = state.signal.scale;
  state.signal.scale = detectSignal(detections, SCALE_SIGNAL, signal, before, readings, registry).signalState;
}

function detectVehicle(
  detections: BatchDetections,
  device: DeviceReadings,
  state: DeviceState,
  registry: DeviceRegistry,
): void {
  const readings = ofKind(device, "vehicle");
  if (readings.length === 0) return;
  const signal: Signal = { deviceId: state.deviceId, kind: "vehicle", epc: "" };
  const before = state.signal.vehicle;
  state.signal.vehicle = detectSignal(detections, VEHICLE_SIGNAL, signal, before, readings, registry).signalState;
}

function detectTags(
  detections: BatchDetections,
  device: DeviceReadings,
  { deviceId, signal: { life } }: DeviceState,
  registry: DeviceRegistry,
  tags: ReadonlyMap<string, TagState>,
): void {
  for (const [epc, readings] of groupBy(ofKind(device, "rfid"), ({ content }) => content.epc)) {
    const signal: Signal = { deviceId, kind: "rfid", epc };
    const before = tags.get(`${deviceId} ${epc}`);
    const known = detections.added.length;
    const { signalState } = detectSignal(detections, TAG_SIGNAL, signal, before?.signalState, readings, registry);
    const context = TAG_SIGNAL.contextOf(signal, registry);
    const derived = detections.added.splice(known);
    const end = dwellEndAfter(before, signalState, derived, context);
    addProven(detections, derived, life);
    const endsTakenBack = (before?.endsTakenBack ?? 0) + (end.withdrawn ? 1 : 0);
    detections.tags.push({ deviceId, epc, signalState, endReported: end.endReported, endsTakenBack });
    if (end.corrected) addProven(detections, [{ ...end.corrected, signal: signalName(signal) }], life, false);
    if (end.withdrawn) detections.withdrawn.push(end.withdrawn);
    if (end.endsAt === undefined) continue;
    const { dwell } = currentPresence(signalState, context);
    const { lastReceivedAt, newestTs } = device;
    // A reader on a vehicle also waits for the vehicle, which may be further already: the timer worker looks that up at once.
    const isAboard = dwell?.vehicleId !== undefined;
    const isPass = dwell !== null && dwell.pass !== null;
    const wait = { endsAt: end.endsAt, isPass };
    const waitMs = isAboard ? 0 : dwellWaitMs(wait, { newestTs: newestTs ?? end.endsAt, lastReceivedAt });
    detections.timers.push({ subject: dwellSubject({ deviceId, epc }), at: lastReceivedAt + waitMs });
  }
}

/** Runs a signal's rule over its new readings and adds the results to `detections`. */
function detectSignal<K extends SignalKind, S extends Sample, State, Context>(
  detections: BatchDetections,
  { rule, sampleOf, contextOf }: SignalDefinition<K, S, State, Context>,
  signal: Signal,
  before: SignalState<S, State> | undefined,
  readings: readonly Reading<K>[],
  registry: DeviceRegistry,
): {
  signalState: SignalState<S, State>;
  /** `reading` is undefined for a sample of an earlier batch */
  qualities: { sample: S; reading: Reading<K> | undefined; quality: Quality }[];
} {
  const context = contextOf(signal, registry);
  const samples = readings.map(sampleOf);
  const window = before?.window ?? emptyWindow(rule);
  const current = before?.current ?? currentState(rule, window, context);
  const result = detectInWindow(rule, window, current, samples, context);
  const name = signalName(signal);
  for (const fact of result.added) detections.added.push({ ...fact, signal: name });
  for (const { key, subject, at } of result.withdrawn) detections.withdrawn.push({ key, subject, at });
  for (const checkpoint of result.checkpoints) detections.checkpoints.push({ ...signal, ...checkpoint });
  const late = result.late.map(({ ts }) => ts);
  if (late.length > 0) detections.late.push({ ...signal, from: Math.min(...late), to: Math.max(...late) });
  return {
    signalState: { window: result.window, current: result.current },
    qualities: withReadings(result, samples, readings),
  };
}

/** Adds the reading to each sample. Samples in order have the index of their reading; others are looked up. */
function withReadings<K extends SignalKind, S extends Sample>(
  { qualities }: { qualities: readonly { sample: S; quality: Quality }[] },
  samples: readonly S[],
  readings: readonly Reading<K>[],
): { sample: S; reading: Reading<K> | undefined; quality: Quality }[] {
  let indexes: Map<S, number> | undefined;
  return qualities.map(({ sample, quality }, index) => {
    if (samples[index] === sample) return { sample, quality, reading: readings[index] };
    indexes ??= new Map(samples.map((each, position) => [each, position]));
    const found = indexes.get(sample);
    return { sample, quality, reading: found === undefined ? undefined : readings[found] };
  });
}
