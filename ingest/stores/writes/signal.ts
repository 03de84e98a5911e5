import type { Sample } from "../../signals/signal-rule.ts";
import { type DeviceState, deviceRow, type SignalState } from "../caches/device-states.ts";
import type { Part } from "../statement.ts";
import { tagRow, type TagState } from "../caches/tag-states.ts";
import { type VehiclePositionRow, writePositions, writeTags } from "./devices.ts";

/**
 * Replaces what is remembered of one signal (`endReported`: of a tag's, see `TagState`); refused when the device has changed
 * since `state` was read.
 */
export function writeSignal(
  state: DeviceState,
  { deviceId, kind, epc }: { deviceId: string; kind: string; epc: string },
  signalState: SignalState<Sample, unknown>,
  endReported: boolean,
): Part[] {
  const signal = kind === "rfid" ? state.signal : { ...state.signal, [kind]: signalState };
  const device: Part = {
    name: "signal",
    sql: `UPDATE device_states SET version = version + 1, signal = $3 WHERE device_id = $1 AND version = $2 RETURNING 1`,
    params: [deviceId, state.version, deviceRow({ ...state, signal }, 0).signal],
    check: "assert_unchanged(EXISTS (SELECT FROM signal), 'device')",
  };
  if (kind !== "rfid") return [device];
  return [
    device,
    writeTags([tagRow({ deviceId, epc, signalState: signalState as TagState["signalState"], endReported })]),
  ];
}

/**
 * Where vehicles are, by readings of one device that were judged again up to `until` (epoch milliseconds; null: its newest):
 * also when the device's word of that time before was taken back.
 */
export function replacePositions(rows: readonly VehiclePositionRow[], until: number | null): Part {
  const { sql, params } = writePositions(rows);
  const again = `p.device_id = excluded.device_id AND p.ts <= coalesce(to_timestamp($${params.length + 1}::float8 / 1000), 'infinity')`;
  return { name: "positions_again", sql: `${sql} OR (${again})`, params: [...params, until] };
}
