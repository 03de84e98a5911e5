import type { Sample } from "../../signals/signal-rule.ts";
import type { Write } from "../statement.ts";
import { tagStateRow, type TagState } from "../caches/tag-states.ts";
import { writeTagStates, deviceStateRow } from "./device-states.ts";
import type { DeviceState, SignalState } from "../encoding/device-state.ts";

/**
 * Replaces the state of one signal, and the device's latest readings; refused when the device has changed since `state` was read.
 * @param endReported of a tag, see `TagState`
 */
export function writeSignal(
  state: DeviceState,
  { deviceId, kind, epc }: { deviceId: string; kind: string; epc: string },
  signalState: SignalState<Sample, unknown>,
  endReported: boolean,
): Write[] {
  const signal = kind === "rfid" ? state.signal : { ...state.signal, [kind]: signalState };
  const row = deviceStateRow({ ...state, signal }, 0);
  const device: Write = {
    name: "signal",
    sql: `UPDATE device_states SET version = version + 1, signal = $3, latest = $4::json WHERE device_id = $1 AND version = $2 RETURNING 1`,
    params: [deviceId, state.version, row.signal, row.latest],
    check: "assert_unchanged(EXISTS (SELECT FROM signal), 'device')",
  };
  if (kind !== "rfid") return [device];
  return [
    device,
    writeTagStates([
      tagStateRow({
        deviceId,
        epc,
        signalState: signalState as TagState["signalState"],
        endReported,
        // The write keeps the larger number.
        endsTakenBack: 0,
      }),
    ]),
  ];
}
