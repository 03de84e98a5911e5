import { STATE_VERSION } from "../encoding/state-version.ts";
import type { Write } from "../statement.ts";
import type { LateWindow } from "./late-windows.ts";
import { timeOfMs } from "../sql-time.ts";

/** The state of a rule after the reading at `ts` (epoch milliseconds) and `seq`. */
export interface CheckpointRow {
  deviceId: string;
  kind: string;
  epc: string;
  ts: number;
  seq: number;
  antenna?: number | undefined;
  state: unknown;
}

export function writeCheckpoints(rows: readonly CheckpointRow[]): Write {
  return {
    name: "checkpoints",
    sql: `INSERT INTO signal_checkpoints (device_id, kind, epc, ts, seq, antenna, state, state_version)
      SELECT "deviceId", kind, epc, ${timeOfMs("ts")}, seq, antenna, state, $2::int
      FROM json_to_recordset($1::json) AS t ("deviceId" text, kind text, epc text, ts float8, seq bigint, antenna int, state json)
      ON CONFLICT (device_id, kind, epc, ts) DO UPDATE SET seq = excluded.seq, antenna = excluded.antenna, state = excluded.state, state_version = excluded.state_version`,
    params: [JSON.stringify(rows), STATE_VERSION],
  };
}

/** Deletes the checkpoints of a time range that was derived again (after `after`, up to `to`; epoch milliseconds) except `kept`. */
export function removeCheckpoints(
  { deviceId, kind, epc }: Pick<LateWindow, "deviceId" | "kind" | "epc">,
  after: number | null,
  to: number | null,
  kept: readonly number[],
): Write {
  return {
    name: "checkpoints_deleted",
    sql: `DELETE FROM signal_checkpoints WHERE NOT readings_expired AND device_id = $1 AND kind = $2 AND epc = $3
      AND ts > coalesce(${timeOfMs("$4")}, '-infinity') AND ts <= coalesce(${timeOfMs("$5")}, 'infinity')
      AND ts <> ALL(ARRAY(SELECT ${timeOfMs("unnest($6::float8[])")}))`,
    params: [deviceId, kind, epc, after, to, kept],
  };
}
