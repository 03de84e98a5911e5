import type { FenceStates } from "../../signals/fence-state.ts";
import type { Fix } from "../../signals/fix-quality.ts";
import type { GpsSample, PositionState } from "../../signals/position.ts";
import type { Sample } from "../../signals/signal-rule.ts";
import type { SmootherState } from "../../signals/track-smoother.ts";
import type { TripState } from "../../signals/trip.ts";
import type { SignalWindow } from "../../signals/window.ts";
import { ByteReader, ByteWriter } from "./byte-sequence.ts";
import { readSpeeds, withSpeeds, writeSpeeds } from "./packed-speeds.ts";
import { STATE_VERSION } from "./state-version.ts";

/**
 * The signal window of a vehicle's fixes as it is stored: all numbers one after the other, field by field. Every batch
 * writes it for every vehicle that moved; as JSON that took a quarter of ingest's time. The functions below come in pairs:
 * add a field to both, in the same place, and raise `STATE_VERSION`.
 */
export interface PackedPositions {
  /** of the state in it (state-version.ts) */
  version: number;
  /** base64 */
  numbers: string;
}

type PositionWindow = SignalWindow<GpsSample, PositionState>;
type Drive = NonNullable<TripState["drive"]>;
type StopPoint = Omit<NonNullable<TripState["stop"]>, "last">;
type Motion = SmootherState["motion"];

/** Stands for a missing value. */
const NONE = Number.NaN;
/** Pending fixes are stored in units of ten centimetres, to which track-smoother.ts rounds them. */
const UNITS_PER_METRE = 10;

const to = new ByteWriter();

/** @throws RangeError when a number does not fit the type of its field */
export function packPositions({ base, newestInBase, samples }: PositionWindow): PackedPositions {
  to.clear();
  writeSample(newestInBase);
  writeFix(base.last);
  to.int(Number(base.confirmed));
  to.int(base.outliers.length);
  for (const fix of base.outliers) writeFix(fix);
  to.double(base.vehicleId ?? NONE);
  writeFences(base.fences);
  writeTrip(base.trip);
  to.int(samples.length);
  const start = samples[0]?.ts ?? 0;
  to.double(start);
  for (const { ts, seq, lat, lon, accuracy, satellites } of samples) {
    to.double(ts - start);
    to.double(seq);
    to.double(lat);
    to.double(lon);
    to.double(accuracy ?? NONE);
    to.double(satellites ?? NONE);
  }
  writeSpeeds(to, samples, base.speeds);
  return { version: STATE_VERSION, numbers: to.finish() };
}

export function unpackPositions({ numbers }: PackedPositions): PositionWindow {
  const from = new ByteReader(numbers);
  const newestInBase = readSample(from);
  const base: PositionState = {
    last: readFix(from),
    confirmed: from.int() === 1,
    outliers: listOf(from.int(), () => readFix(from)!),
    vehicleId: defined(from.double()) ?? null,
    fences: readFences(from),
    trip: readTrip(from),
  };
  const count = from.int();
  const start = from.double();
  const samples = listOf(count, () => ({
    ts: start + from.double(),
    seq: from.double(),
    lat: from.double(),
    lon: from.double(),
    accuracy: defined(from.double()),
    satellites: defined(from.double()),
    speed: undefined,
  }));
  return withSpeeds({ base, newestInBase, samples }, readSpeeds(from, count));
}

function writeSample(sample: Sample | null): void {
  to.double(sample?.ts ?? NONE);
  to.double(sample?.seq ?? NONE);
}

function readSample(from: ByteReader): Sample | null {
  const [ts, seq] = [defined(from.double()), from.double()];
  return ts === undefined ? null : { ts, seq };
}

function writeFix(fix: Fix | null): void {
  to.double(fix?.ts ?? NONE);
  to.double(fix?.lat ?? NONE);
  to.double(fix?.lon ?? NONE);
}

function readFix(from: ByteReader): Fix | null {
  const [ts, lat, lon] = [defined(from.double()), from.double(), from.double()];
  return ts === undefined ? null : { ts, lat, lon };
}

function writeFences(fences: FenceStates): void {
  const ids = Object.keys(fences);
  to.int(ids.length);
  for (const id of ids) {
    const { inside, since, pending } = fences[id]!;
    to.int(Number(id));
    to.int(Number(inside));
    to.double(since ?? NONE);
    to.double(pending?.since ?? NONE);
    to.double(pending?.weight ?? NONE);
    to.double(pending?.after ?? NONE);
    to.double(pending?.edgeM ?? NONE);
    to.double(pending?.deepAt ?? NONE);
  }
}

function readFences(from: ByteReader): FenceStates {
  const fences: FenceStates = {};
  for (let left = from.int(); left > 0; left -= 1) {
    const id = from.int();
    const inside = from.int() === 1;
    const since = defined(from.double()) ?? null;
    const [pendingSince, weight] = [defined(from.double()), from.double()];
    const [after, edgeM, deepAt] = [defined(from.double()) ?? null, from.double(), defined(from.double()) ?? null];
    const pending = pendingSince === undefined ? null : { since: pendingSince, weight, after, edgeM, deepAt };
    fences[id] = { inside, since, pending };
  }
  return fences;
}

function writeTrip({ stop, drive }: TripState): void {
  to.int((stop ? 1 : 0) + (drive ? 2 : 0));
  if (stop) {
    writeStopPoint(stop);
    writeFix(stop.last);
  }
  if (drive) writeDrive(drive);
}

function readTrip(from: ByteReader): TripState {
  const parts = from.int();
  const stop = (parts & 1) === 1 ? { ...readStopPoint(from), last: readFix(from)! } : null;
  return { stop, drive: (parts & 2) === 2 ? readDrive(from) : null };
}

function writeStopPoint({ lat, lon, fixes }: StopPoint): void {
  to.double(lat);
  to.double(lon);
  to.int(fixes);
}

function readStopPoint(from: ByteReader): StopPoint {
  return { lat: from.double(), lon: from.double(), fixes: from.int() };
}

function writeDrive({ isTrip, distanceM, smoother, pausedAt, possibleStop, unconfirmedMove }: Drive): void {
  to.int(Number(isTrip));
  to.double(distanceM);
  writeSmoother(smoother);
  writeFix(pausedAt);
  writeStopPoint(possibleStop);
  to.double(possibleStop.ts);
  to.double(possibleStop.distanceM);
  writeFix(unconfirmedMove);
}

function readDrive(from: ByteReader): Drive {
  return {
    isTrip: from.int() === 1,
    distanceM: from.double(),
    smoother: readSmoother(from),
    pausedAt: readFix(from)!,
    possibleStop: { ...readStopPoint(from), ts: from.double(), distanceM: from.double() },
    unconfirmedMove: readFix(from),
  };
}

function writeSmoother({ lat, lon, motion, lastSmoothed, pending }: SmootherState): void {
  to.double(lat);
  to.double(lon);
  writeMotion(motion);
  to.double(lastSmoothed.east);
  to.double(lastSmoothed.north);
  to.int(pending.length);
  for (const [afterMs, east, north, sigmaM] of pending) {
    to.double(afterMs);
    to.int(Math.round(east * UNITS_PER_METRE));
    to.int(Math.round(north * UNITS_PER_METRE));
    to.int(Math.round(sigmaM * UNITS_PER_METRE));
  }
}

function readSmoother(from: ByteReader): SmootherState {
  return {
    lat: from.double(),
    lon: from.double(),
    motion: readMotion(from),
    lastSmoothed: { east: from.double(), north: from.double() },
    pending: listOf(
      from.int(),
      () =>
        [
          from.double(),
          from.int() / UNITS_PER_METRE,
          from.int() / UNITS_PER_METRE,
          from.int() / UNITS_PER_METRE,
        ] as const,
    ),
  };
}

function writeMotion(motion: Motion): void {
  to.double(motion.ts);
  to.double(motion.east);
  to.double(motion.north);
  to.double(motion.eastMps);
  to.double(motion.northMps);
  to.double(motion.varPosition);
  to.double(motion.covPositionVelocity);
  to.double(motion.varVelocity);
}

function readMotion(from: ByteReader): Motion {
  return {
    ts: from.double(),
    east: from.double(),
    north: from.double(),
    eastMps: from.double(),
    northMps: from.double(),
    varPosition: from.double(),
    covPositionVelocity: from.double(),
    varVelocity: from.double(),
  };
}

function listOf<T>(length: number, read: () => T): T[] {
  return Array.from({ length }, read);
}

function defined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
