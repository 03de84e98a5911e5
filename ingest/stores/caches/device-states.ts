import { LRUCache } from "lru-cache";
import type { Pool, PoolClient } from "pg";
import type { ContentByKind, ReadingKind } from "../../pipeline/reading.ts";
import type { GpsSample, PositionState } from "../../signals/position.ts";
import type { ScaleSample, ScaleState } from "../../signals/scale-count.ts";
import type { SignalWindow } from "../../signals/window.ts";
import { deriveAgain } from "../queries/late-windows.ts";
import type { LateWindow } from "../writes/late.ts";
import { ifCurrentVersion } from "../encoding/state-version.ts";
import { type PackedPositions, packPositions, unpackPositions } from "../encoding/packed-positions.ts";
import { type PackedWindow, packWindow, unpackWindow } from "../encoding/packed-window.ts";
import type { DeviceCounts, DeviceRow } from "../writes/devices.ts";

/** A window with the state after its newest sample, which is not stored: it follows from the window. */
export interface SignalState<S extends { ts: number; seq: number }, State> {
  window: SignalWindow<S, State>;
  current?: State;
}

/** What the signal rules remember of a device; everything in it survives a restart. */
export interface SignalMemory {
  /** newest time of measurement and counter of each kind */
  newest: Partial<Record<ReadingKind, { ts: number; seq: number }>>;
  gps?: SignalState<GpsSample, PositionState>;
  scale?: SignalState<ScaleSample, ScaleState>;
  /** small state of the device's decoder, e.g. Sparkplug's aliases */
  decoder?: unknown;
}

/** The same as it is stored. */
interface StoredSignal extends Omit<SignalMemory, "gps" | "scale"> {
  gps?: PackedPositions | undefined;
  scale?: PackedWindow<ScaleState> | undefined;
}

/** A device as last committed. Never changed in place: a batch makes a new one, kept only if its commit stands. */
export interface DeviceState {
  deviceId: string;
  version: number;
  newestTs: number | null;
  counts: DeviceCounts;
  skewMs: number | null;
  /** the newest reading of each kind by time of measurement */
  latest: { [K in ReadingKind]?: ContentByKind[K] & { received_at: number } };
  signal: SignalMemory;
}

export const NO_COUNTS: DeviceCounts = { received: 0, stored: 0, duplicate: 0, late: 0, quarantined: 0, gap: 0 };

export interface DeviceStates {
  /** the states of these devices, from memory or the database; a new device gets an empty one of version 0 */
  load(ids: Iterable<string>): Promise<Map<string, DeviceState>>;
  /** takes over what a commit has made true */
  keep(states: Iterable<DeviceState>): void;
  /** forgets devices whose rows another writer has changed */
  forget(ids: Iterable<string>): void;
}

export function openDeviceStates(pool: Pool, max = 50_000): DeviceStates {
  const cache = new LRUCache<string, DeviceState>({ max });
  return {
    async load(ids) {
      const states = new Map<string, DeviceState>();
      const missing: string[] = [];
      for (const id of ids) {
        const known = cache.get(id);
        if (known) states.set(id, known);
        else missing.push(id);
      }
      if (missing.length > 0) {
        for (const state of await readDeviceStates(pool, missing)) states.set(state.deviceId, state);
        for (const id of missing) if (!states.has(id)) states.set(id, empty(id));
      }
      return states;
    },
    keep(states) {
      for (const state of states) cache.set(state.deviceId, state);
    },
    forget(ids) {
      for (const id of ids) cache.delete(id);
    },
  };
}

function empty(deviceId: string): DeviceState {
  return { deviceId, version: 0, newestTs: null, counts: NO_COUNTS, skewMs: null, latest: {}, signal: { newest: {} } };
}

/**
 * A window of another shape than this program's is left out, and asked to be derived again.
 * @param lock hold the rows against every other writer until the transaction ends
 */
export async function readDeviceStates(
  client: Pool | PoolClient,
  ids: readonly string[],
  lock = false,
): Promise<DeviceState[]> {
  const { rows } = await client.query<Omit<DeviceState, "signal"> & { signal: StoredSignal }>({
    name: lock ? "lock_device_states" : "load_device_states",
    text: `SELECT device_id AS "deviceId", version, round(extract(epoch FROM newest_ts) * 1000)::float8 AS "newestTs",
        json_build_object('received', received, 'stored', stored, 'duplicate', duplicate, 'late', late, 'quarantined', quarantined, 'gap', gap) AS counts,
        skew_ms AS "skewMs", latest, signal::json
      FROM device_states WHERE device_id = ANY($1::text[])${lock ? " ORDER BY device_id FOR UPDATE" : ""}`,
    values: [ids],
  });
  const unread: LateWindow[] = [];
  const states = rows.map(({ signal: { gps: storedGps, scale: storedScale, ...rest }, ...row }) => {
    const [gps, scale] = [ifCurrentVersion(storedGps), ifCurrentVersion(storedScale)];
    const whole = { deviceId: row.deviceId, epc: "", from: 0, to: row.newestTs ?? 0 };
    if (gps !== storedGps) unread.push({ ...whole, kind: "gps" });
    if (scale !== storedScale) unread.push({ ...whole, kind: "scale" });
    const followed = {
      ...(gps && { gps: { window: unpackPositions(gps) } }),
      ...(scale && { scale: { window: unpackWindow<ScaleSample, ScaleState>(scale) } }),
    };
    return { ...row, signal: { ...rest, ...followed } };
  });
  await deriveAgain(client, unread);
  return states;
}

/** The state as its row; windows without their heads, which follow from them. */
export function deviceRow(state: DeviceState, lastReceivedAt: number): DeviceRow {
  const { newest, gps, scale, decoder } = state.signal;
  const rest: StoredSignal = { newest, scale: scale && packWindow(scale.window), decoder };
  const { deviceId, version, newestTs, counts, skewMs, latest } = state;
  return {
    deviceId,
    version,
    newestTs,
    lastReceivedAt,
    counts,
    skewMs,
    latest: JSON.stringify(latest),
    signal: withPositions(JSON.stringify(rest), gps && packPositions(gps.window)),
  };
}

/** Adds `gps` to the object by hand: base64 needs no escapes, and looking for some took longer than all the rest. */
function withPositions(json: string, gps: PackedPositions | undefined): string {
  return gps ? `${json.slice(0, -1)},"gps":{"version":${gps.version},"numbers":"${gps.numbers}"}}` : json;
}
