import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import { type DeviceState, NO_COUNTS } from "../encoding/device-state.ts";
import { loadDeviceStates } from "../queries/device-states.ts";

export interface DeviceStates {
  /** the states of these devices, from memory or the database; a new device gets an empty one of version 0 */
  load(ids: Iterable<string>): Promise<Map<string, DeviceState>>;
  /** takes over the states that a commit has written */
  commit(states: Iterable<DeviceState>): void;
  /** drops devices whose rows another writer has changed */
  invalidate(ids: Iterable<string>): void;
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
        for (const state of await loadDeviceStates(pool, missing)) states.set(state.deviceId, state);
        for (const id of missing) if (!states.has(id)) states.set(id, empty(id));
      }
      return states;
    },
    commit(states) {
      for (const state of states) cache.set(state.deviceId, state);
    },
    invalidate(ids) {
      for (const id of ids) cache.delete(id);
    },
  };
}

function empty(deviceId: string): DeviceState {
  return { deviceId, version: 0, newestTs: null, counts: NO_COUNTS, skewMs: null, latest: {}, signal: { newest: {} } };
}
