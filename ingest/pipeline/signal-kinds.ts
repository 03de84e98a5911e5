import type { Reading } from "./reading.ts";
import type { SignalKind } from "../domain/reading-kinds.ts";
import { normalizeEpc } from "../domain/gs1/epc.ts";
import { type GpsSample, type PositionContext, positionRule, type PositionState } from "../signals/position.ts";
import type { SignalRule, Sample } from "../signals/signal-rule.ts";
import { type ScaleContext, scaleCountRule, type ScaleSample, type ScaleState } from "../signals/scale-count.ts";
import { tagPresenceRule, type TagSample } from "../signals/tag-presence.ts";
import type { TagContext, TagState } from "../signals/tag-dwell.ts";
import {
  type VehicleContext,
  vehicleDataRule,
  type VehicleSample,
  type VehicleState,
} from "../signals/vehicle-data.ts";
import { mountingAt } from "../stores/queries/device-mounts.ts";
import type { DeviceRegistry } from "../stores/queries/device-registry.ts";

/** The readings of one kind from one device; for RFID those of one tag. */
export interface Signal {
  deviceId: string;
  kind: SignalKind;
  /** '' for kinds other than RFID */
  epc: string;
}

/** The fields of a reading that a rule uses; readings from a store have them too. */
export type SignalReading<K extends SignalKind = SignalKind> = Pick<Reading<K>, "ts" | "seq" | "content">;

/** How facts are detected in readings of one kind; the same for live, late and replayed readings. */
export interface SignalDefinition<K extends SignalKind, S extends Sample, State, Context> {
  rule: SignalRule<S, State, Context>;
  sampleOf: (reading: SignalReading<K>) => S;
  contextOf: (signal: Signal, registry: DeviceRegistry) => Context;
}

export const GPS_SIGNAL: SignalDefinition<"gps", GpsSample, PositionState, PositionContext> = {
  rule: positionRule,
  // All samples have the same fields in the same order: with one only where it is told, ingest took a quarter longer for each reading.
  sampleOf: ({ ts, seq, content: { lat, lon, accuracy, satellites, speed } }) => ({
    ts,
    seq,
    lat,
    lon,
    accuracy,
    satellites,
    // As it is stored with the state: the same speed must follow from both.
    speed: speed === undefined ? undefined : Math.round(speed * 100) / 100,
  }),
  contextOf({ deviceId }, { devices, fences }) {
    const device = devices.get(deviceId);
    return { deviceId, fences, vehicleAt: (ts) => mountingAt(device, ts)?.vehicle };
  },
};

export const SCALE_SIGNAL: SignalDefinition<"scale", ScaleSample, ScaleState, ScaleContext> = {
  rule: scaleCountRule,
  sampleOf: ({ ts, seq, content: { grams, stable } }) => ({ ts, seq, grams, stable }),
  contextOf({ deviceId }, { devices }) {
    const device = devices.get(deviceId);
    return { deviceId, shelfAt: (ts) => mountingAt(device, ts)?.shelf };
  },
};

export const TAG_SIGNAL: SignalDefinition<"rfid", TagSample, TagState, TagContext> = {
  rule: tagPresenceRule,
  sampleOf: ({ ts, seq, content: { antenna = 0, rssi, count } }) => ({ ts, seq, antenna, rssi, count }),
  contextOf({ deviceId, epc }, { devices }) {
    const device = devices.get(deviceId);
    return { deviceId, tag: normalizeEpc(epc).key, readPointAt: (ts) => mountingAt(device, ts)?.readPoint };
  },
};

export const VEHICLE_SIGNAL: SignalDefinition<"vehicle", VehicleSample, VehicleState, VehicleContext> = {
  rule: vehicleDataRule,
  sampleOf: ({ ts, seq, content: { driver, harsh, harsh_g } }) => ({ ts, seq, driver, harsh, harshG: harsh_g }),
  contextOf({ deviceId }, { devices }) {
    const device = devices.get(deviceId);
    return { deviceId, vehicleAt: (ts) => mountingAt(device, ts)?.vehicle };
  },
};

/** The name of a signal in facts and rows. */
export function signalName({ kind, epc }: Signal): string {
  return epc === "" ? kind : `${kind} ${epc}`;
}
