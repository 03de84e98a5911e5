import type { IgnoredField } from "../../domain/ignored-field.ts";
import type { ReadingKind } from "../../domain/reading-kinds.ts";
import type { LatestFixes } from "../../pipeline/latest-fix.ts";
import type { ContentByKind } from "../../pipeline/reading.ts";
import type { GpsSample, PositionState } from "../../signals/position.ts";
import type { ScaleSample, ScaleState } from "../../signals/scale-count.ts";
import type { ReaderLife } from "../../signals/reader-life.ts";
import type { VehicleSample, VehicleState } from "../../signals/vehicle-data.ts";
import type { SignalWindow } from "../../signals/window.ts";
import { type PackedPositions, packPositions, unpackPositions } from "./packed-positions.ts";
import { type PackedWindow, packWindow, unpackWindow } from "./packed-window.ts";
import { ifCurrentVersion } from "./state-version.ts";

/** A window, and the rule's state after its newest sample. The state is not stored: it follows from the window. */
export interface SignalState<S extends { ts: number; seq: number }, State> {
  window: SignalWindow<S, State>;
  current?: State;
}

/** The state of all signals of a device. */
export interface DeviceSignals {
  /** newest time of measurement and counter of each kind */
  newest: Partial<Record<ReadingKind, { ts: number; seq: number }>>;
  gps?: SignalState<GpsSample, PositionState>;
  scale?: SignalState<ScaleSample, ScaleState>;
  vehicle?: SignalState<VehicleSample, VehicleState>;
  /** of an RFID reader: when it was at work */
  life?: ReaderLife | undefined;
  /** small state of the device's decoder, such as the aliases of Sparkplug */
  decoder?: unknown;
}

type PackedKind = "gps" | "scale" | "vehicle";

/** The same as it is stored. */
export interface StoredSignals extends Omit<DeviceSignals, PackedKind> {
  gps?: PackedPositions | undefined;
  scale?: PackedWindow<ScaleState> | undefined;
  vehicle?: PackedWindow<VehicleState> | undefined;
}

/** Counters of a device's readings, exact and persistent: received = stored + duplicate + quarantined. */
export interface DeviceCounts {
  received: number;
  stored: number;
  duplicate: number;
  late: number;
  quarantined: number;
  gap: number;
}

export const NO_COUNTS: DeviceCounts = { received: 0, stored: 0, duplicate: 0, late: 0, quarantined: 0, gap: 0 };

/** A device as last committed. Never changed in place: a batch makes a new one, which replaces it after the commit. */
export interface DeviceState {
  deviceId: string;
  version: number;
  newestTs: number | null;
  counts: DeviceCounts;
  skewMs: number | null;
  /** the newest reading of each kind by time of measurement; of fixes, see `LatestFixes` */
  latest: { [K in Exclude<ReadingKind, "gps">]?: ContentByKind[K] & { received_at: number } } & LatestFixes;
  signal: DeviceSignals;
  /** fields that its decoder did not use, counted since its first message; undefined: none yet */
  ignored?: readonly IgnoredField[] | undefined;
}

/** @returns the signals that are of the current version, and the kinds of those that are not */
export function decodeSignals({ gps: storedGps, scale: storedScale, vehicle: storedVehicle, ...rest }: StoredSignals): {
  signal: DeviceSignals;
  outdatedKinds: PackedKind[];
} {
  const [gps, scale] = [ifCurrentVersion(storedGps), ifCurrentVersion(storedScale)];
  const vehicle = ifCurrentVersion(storedVehicle);
  const signal: DeviceSignals = {
    ...rest,
    ...(gps && { gps: { window: unpackPositions(gps) } }),
    ...(scale && { scale: { window: unpackWindow<ScaleSample, ScaleState>(scale) } }),
    ...(vehicle && { vehicle: { window: unpackWindow<VehicleSample, VehicleState>(vehicle) } }),
  };
  const outdatedKinds: PackedKind[] = [];
  if (gps !== storedGps) outdatedKinds.push("gps");
  if (scale !== storedScale) outdatedKinds.push("scale");
  if (vehicle !== storedVehicle) outdatedKinds.push("vehicle");
  return { signal, outdatedKinds };
}

/** @returns JSON, as the column `device_states.signal` holds it */
export function encodeSignals({ newest, gps, scale, vehicle, life, decoder }: DeviceSignals): string {
  const rest: StoredSignals = {
    newest,
    scale: scale && packWindow(scale.window),
    vehicle: vehicle && packWindow(vehicle.window),
    life,
    decoder,
  };
  return withPositions(JSON.stringify(rest), gps && packPositions(gps.window));
}

/** Appends `gps` to the JSON text: base64 needs no escapes, and scanning it for characters to escape took most of the time. */
function withPositions(json: string, gps: PackedPositions | undefined): string {
  return gps ? `${json.slice(0, -1)},"gps":{"version":${gps.version},"numbers":"${gps.numbers}"}}` : json;
}

/** What became of what a batch held. */
export interface BatchCounts {
  stored: number;
  duplicate: number;
  /** of the stored ones */
  late: number;
  /** messages and readings */
  quarantined: number;
}

/** @param devices the counters of each device before the batch and after it */
export function batchCounts(
  devices: readonly { before: { counts: DeviceCounts }; counts: DeviceCounts }[],
  stored: number,
  quarantined: number,
): BatchCounts {
  const batch = { stored, duplicate: 0, late: 0, quarantined };
  for (const { before, counts } of devices) {
    batch.duplicate += counts.duplicate - before.counts.duplicate;
    batch.late += counts.late - before.counts.late;
  }
  return batch;
}
