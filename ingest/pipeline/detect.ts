import type { Arrival } from "./reading.ts";
import type { NewFact, Subject } from "../domain/fact.ts";
import { groupBy } from "../domain/group-by.ts";
import type { JudgedDevice } from "./deduplicate.ts";
import { compareSamples, type Quality, type Sample } from "../signals/signal-rule.ts";
import { emptyWindow, currentState, detect as senseWindow } from "../signals/window.ts";
import type { DeviceState, Followed } from "../stores/caches/device-states.ts";
import { visitSubject } from "../stores/queries/tag-timeouts.ts";
import type { DueRow } from "../stores/writes/timers.ts";
import type { CheckpointRow, LateWindow } from "../stores/writes/late.ts";
import type { FlagRow } from "../stores/writes/readings.ts";
import type { VehiclePositionRow } from "../stores/writes/devices.ts";
import type { Registry } from "../stores/caches/device-registry.ts";
import type { TagState } from "../stores/caches/tag-states.ts";
import {
  GPS_TRACK,
  SCALE_TRACK,
  type Signal,
  signalName,
  TAG_TRACK,
  type Track,
  type TrackedKind,
} from "./signal-kinds.ts";
import { positionsFrom } from "./vehicle-positions.ts";
import { endAfter } from "./tag-dwell-end.ts";

/** What the signal rules conclude from a batch. */
export interface Sensed {
  states: DeviceState[];
  tags: TagState[];
  added: NewFact[];
  withdrawn: { key: string; subject: Subject; at: number }[];
  flags: FlagRow[];
  positions: VehiclePositionRow[];
  /** stretches that cannot be sensed again in place: for the late lane */
  late: LateWindow[];
  checkpoints: CheckpointRow[];
  /** visits of tags somebody has to look at, because silence will end them */
  due: DueRow[];
}

/** Senses every device's new readings. Pure: makes new states, changes none. */
export function sense(
  devices: Iterable<JudgedDevice>,
  registry: Registry,
  tags: ReadonlyMap<string, TagState>,
  decoderStates: ReadonlyMap<string, unknown>,
): Sensed {
  const sensed: Sensed = {
    states: [],
    tags: [],
    added: [],
    withdrawn: [],
    flags: [],
    positions: [],
    late: [],
    checkpoints: [],
    due: [],
  };
  const late: Arrival[] = [];
  for (const device of devices) {
    const state = nextState(device, decoderStates);
    senseGps(sensed, device, state, registry);
    senseScale(sensed, device, state, registry);
    senseTags(sensed, device, registry, tags);
    late.push(...device.late);
    sensed.states.push(state);
  }
  if (late.length > 0) flagLate(sensed.flags, late);
  return sensed;
}

function nextState(device: JudgedDevice, decoderStates: ReadonlyMap<string, unknown>): DeviceState {
  const { before, counts, newest, newestTs, skewMs } = device;
  const latest = { ...before.latest };
  for (const { kind, content, receivedAt } of newestOfKinds(device.fresh)) {
    const known = latest[kind];
    if (known === undefined || compareSamples(identified(known), identified(content)) <= 0) {
      Object.assign(latest, { [kind]: { ...content, received_at: receivedAt } });
    }
  }
  const decoder = decoderStates.get(before.deviceId) ?? before.signal.decoder;
  const signal = { ...before.signal, newest, ...(decoder !== undefined && { decoder }) };
  return { ...before, version: before.version + 1, counts, newestTs, skewMs, latest, signal };
}

function newestOfKinds(arrivals: readonly Arrival[]): Iterable<Arrival> {
  const newest = new Map<Arrival["kind"], Arrival>();
  for (const arrival of arrivals) {
    const known = newest.get(arrival.kind);
    if (known === undefined || compareSamples(known, arrival) <= 0) newest.set(arrival.kind, arrival);
  }
  return newest.values();
}

function identified({ ts, seq = -1 }: { ts: number; seq?: number | undefined }): Sample {
  return { ts, seq };
}

function ofKind<K extends Arrival["kind"]>(device: JudgedDevice, kind: K): Arrival<K>[] {
  return device.fresh.filter((arrival): arrival is Arrival<K> => arrival.kind === kind);
}

function senseGps(sensed: Sensed, device: JudgedDevice, state: DeviceState, registry: Registry): void {
  const arrivals = ofKind(device, "gps");
  if (arrivals.length === 0) return;
  const { deviceId } = state;
  const signal: Signal = { deviceId, kind: "gps", epc: "" };
  const result = follow(sensed, GPS_TRACK, signal, state.signal.gps, arrivals, registry);
  state.signal.gps = result.followed;
  for (const { sample, arrival, quality } of result.qualities) {
    const { ts, seq } = sample;
    if (quality !== "ok" || !arrival) sensed.flags.push({ deviceId, ts, seq, kind: "gps", quality, late: false });
  }
  // Of a fix that is judged again only its place is at hand here; the late lane has all of it.
  const again = result.qualities.filter(({ arrival }) => arrival === undefined).map(({ sample }) => sample.ts);
  if (again.length > 0) sensed.late.push({ ...signal, from: Math.min(...again), to: Math.max(...again) });
  for (const row of positionsFrom(result.qualities, registry.devices.get(deviceId))) {
    const overtaken = result.followed.window.samples.some(({ ts, seq }) => ts === row.ts && seq > row.seq);
    if (!overtaken) sensed.positions.push(row);
  }
}

function senseScale(sensed: Sensed, device: JudgedDevice, state: DeviceState, registry: Registry): void {
  const arrivals = ofKind(device, "scale");
  if (arrivals.length === 0) return;
  const signal: Signal = { deviceId: state.deviceId, kind: "scale", epc: "" };
  state.signal.scale = follow(sensed, SCALE_TRACK, signal, state.signal.scale, arrivals, registry).followed;
}

function senseTags(
  sensed: Sensed,
  device: JudgedDevice,
  registry: Registry,
  tags: ReadonlyMap<string, TagState>,
): void {
  const { deviceId } = device.before;
  for (const [epc, arrivals] of groupBy(ofKind(device, "rfid"), ({ content }) => content.epc)) {
    const signal: Signal = { deviceId, kind: "rfid", epc };
    const before = tags.get(`${deviceId} ${epc}`);
    const known = sensed.added.length;
    const { followed } = follow(sensed, TAG_TRACK, signal, before?.followed, arrivals, registry);
    const context = TAG_TRACK.contextOf(signal, registry);
    const end = endAfter(before, followed, sensed.added.slice(known), context);
    sensed.tags.push({ deviceId, epc, followed, endTold: end.endTold });
    if (end.corrected) sensed.added.push({ ...end.corrected, signal: signalName(signal) });
    if (end.withdrawn) sensed.withdrawn.push(end.withdrawn);
    if (end.endsAt === undefined) continue;
    // The reader's clock may be wrong, and its readings may have been long on their way: what counts is how far it is.
    const waitMs = Math.max(0, end.endsAt - (device.newestTs ?? end.endsAt));
    sensed.due.push({ subject: visitSubject({ deviceId, epc }), at: device.lastReceivedAt + waitMs });
  }
}

/** Runs a signal's rule over new readings and collects what it concludes. */
function follow<K extends TrackedKind, S extends Sample, State, Context>(
  sensed: Sensed,
  { rule, sampleOf, contextOf }: Track<K, S, State, Context>,
  signal: Signal,
  before: Followed<S, State> | undefined,
  arrivals: readonly Arrival<K>[],
  registry: Registry,
): {
  followed: Followed<S, State>;
  /** `arrival`: undefined for a sample of an earlier batch */
  qualities: { sample: S; arrival: Arrival<K> | undefined; quality: Quality }[];
} {
  const context = contextOf(signal, registry);
  const samples = arrivals.map(sampleOf);
  const window = before?.window ?? emptyWindow(rule);
  const head = before?.head ?? currentState(rule, window, context);
  const result = senseWindow(rule, window, head, samples, context);
  const name = signalName(signal);
  for (const fact of result.added) sensed.added.push({ ...fact, signal: name });
  for (const { key, subject, at } of result.withdrawn) sensed.withdrawn.push({ key, subject, at });
  for (const checkpoint of result.checkpoints) sensed.checkpoints.push({ ...signal, ...checkpoint });
  const late = result.late.map(({ ts }) => ts);
  if (late.length > 0) sensed.late.push({ ...signal, from: Math.min(...late), to: Math.max(...late) });
  return {
    followed: { window: result.window, head: result.current },
    qualities: withArrivals(result, samples, arrivals),
  };
}

/** In order of measurement a sample is found at its own place; only where some came out of order are they looked up. */
function withArrivals<K extends TrackedKind, S extends Sample>(
  { qualities }: { qualities: readonly { sample: S; quality: Quality }[] },
  samples: readonly S[],
  arrivals: readonly Arrival<K>[],
): { sample: S; arrival: Arrival<K> | undefined; quality: Quality }[] {
  let places: Map<S, number> | undefined;
  return qualities.map(({ sample, quality }, index) => {
    if (samples[index] === sample) return { sample, quality, arrival: arrivals[index] };
    places ??= new Map(samples.map((each, place) => [each, place]));
    const place = places.get(sample);
    return { sample, quality, arrival: place === undefined ? undefined : arrivals[place] };
  });
}

function flagLate(flags: FlagRow[], late: readonly Arrival[]): void {
  const known = new Map(flags.map((row) => [placeOf(row), row]));
  for (const { deviceId, ts, seq, kind } of late) {
    const place = placeOf({ deviceId, ts, seq, kind });
    const existing = known.get(place);
    if (existing) {
      existing.late = true;
      continue;
    }
    // Tags read in one millisecond have one flag.
    const row: FlagRow = { deviceId, ts, seq, kind, quality: "ok", late: true };
    known.set(place, row);
    flags.push(row);
  }
}

function placeOf({ deviceId, ts, seq, kind }: Pick<FlagRow, "deviceId" | "ts" | "seq" | "kind">): string {
  return `${deviceId} ${kind} ${ts} ${seq}`;
}
