import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import type { TagSample } from "../../signals/tag-presence.ts";
import type { TagState as PresenceState } from "../../signals/tag-dwell.ts";
import { requestRederivation } from "../queries/late-windows.ts";
import type { LateWindow } from "../writes/late-windows.ts";
import { ifCurrentVersion } from "../encoding/state-version.ts";
import { type PackedWindow, packWindow, unpackWindow } from "../encoding/packed-window.ts";
import type { TagStateRow } from "../writes/device-states.ts";
import type { SignalState } from "../encoding/device-state.ts";
import { msOfTime } from "../sql-time.ts";

/** The state of one tag at one reader. The version of the reader's device state guards it. */
export interface TagState {
  deviceId: string;
  epc: string;
  signalState: SignalState<TagSample, PresenceState>;
  /** whether a timer has already published the end of its last dwell */
  endReported: boolean;
  /** how often such an end was taken back, because the tag was read on */
  endsTakenBack: number;
}

export interface TagStates {
  /**
   * The states of these tags at these readers, by `deviceId epc`. A tag that was never read has none. Neither has a tag
   * whose state is of another version: it is requested to be derived again.
   */
  load(tags: Iterable<{ deviceId: string; epc: string }>): Promise<Map<string, TagState>>;
  /** takes over the states that a commit has written */
  commit(states: Iterable<TagState>): void;
  /** drops the tags of readers whose rows another writer has changed */
  invalidate(deviceIds: ReadonlySet<string>): void;
}

export function openTagStates(pool: Pool, max = 100_000): TagStates {
  const cache = new LRUCache<string, TagState>({ max });
  return {
    async load(tags) {
      const states = new Map<string, TagState>();
      const missing = new Map<string, { deviceId: string; epc: string }>();
      for (const { deviceId, epc } of tags) {
        const key = `${deviceId} ${epc}`;
        const known = cache.get(key);
        if (known) states.set(key, known);
        else missing.set(key, { deviceId, epc });
      }
      if (missing.size > 0) {
        const wanted = [...missing.values()];
        const { rows } = await pool.query<Row>({
          name: "load_tag_states",
          text: `SELECT t.device_id AS "deviceId", t.epc, t.signal::json, t.end_reported AS "endReported", t.ends_taken_back AS "endsTakenBack",
              ${msOfTime("t.newest_ts")} AS "newestTs" FROM tag_states t
            JOIN unnest($1::text[], $2::text[]) AS w (device_id, epc) USING (device_id, epc)`,
          values: [wanted.map(({ deviceId }) => deviceId), wanted.map(({ epc }) => epc)],
        });
        const outdated: LateWindow[] = [];
        for (const { deviceId, epc, signal: stored, endReported, endsTakenBack, newestTs } of rows) {
          const signal = ifCurrentVersion(stored);
          if (!signal) outdated.push({ deviceId, kind: "rfid", epc, from: 0, to: newestTs });
          else
            states.set(`${deviceId} ${epc}`, {
              deviceId,
              epc,
              signalState: { window: unpackWindow<TagSample, PresenceState>(signal) },
              endReported,
              endsTakenBack,
            });
        }
        await requestRederivation(pool, outdated);
      }
      return states;
    },
    commit(states) {
      for (const state of states) cache.set(`${state.deviceId} ${state.epc}`, state);
    },
    invalidate(deviceIds) {
      for (const [key, state] of cache.entries()) if (deviceIds.has(state.deviceId)) cache.delete(key);
    },
  };
}

interface Row extends Pick<TagState, "deviceId" | "epc" | "endReported" | "endsTakenBack"> {
  newestTs: number;
  signal: PackedWindow<PresenceState>;
}

export function tagStateRow({ deviceId, epc, signalState, endReported, endsTakenBack }: TagState): TagStateRow {
  const newestTs = signalState.window.samples.at(-1)?.ts ?? 0;
  return {
    deviceId,
    epc,
    newestTs,
    signal: JSON.stringify(packWindow(signalState.window)),
    endReported,
    endsTakenBack,
  };
}
