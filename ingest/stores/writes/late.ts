import type { Position } from "../../../broker/journal/journal.ts";
import { STATE_VERSION } from "../encoding/state-version.ts";
import type { Part } from "../statement.ts";

/** A stretch of one signal (`epc` is '' but for tags) to be sensed again; times of measurement, epoch milliseconds. */
export interface LateWindow {
  deviceId: string;
  kind: string;
  epc: string;
  from: number;
  to: number;
}

/** What a rule knew after the reading at `ts` and `seq`. */
export interface CheckpointRow {
  deviceId: string;
  kind: string;
  epc: string;
  ts: number;
  seq: number;
  antenna?: number | undefined;
  state: unknown;
}

/** The end of the last frame of a batch. */
export interface FrameEnd {
  journalId: string;
  next: Position;
}

/** @param through where the readings came from; undefined when they are in the series store already */
export function writeLateWindows(windows: readonly LateWindow[], through: FrameEnd | undefined): Part {
  return {
    name: "late",
    sql: `INSERT INTO late_windows (device_id, kind, epc, from_ts, to_ts, journal_id, segment, byte_offset)
      SELECT "deviceId", kind, epc, to_timestamp("from" / 1000), to_timestamp("to" / 1000), $2::uuid, $3::bigint, $4::bigint
      FROM jsonb_to_recordset($1::jsonb) AS t ("deviceId" text, kind text, epc text, "from" float8, "to" float8)`,
    params: [
      JSON.stringify(windows),
      through?.journalId ?? null,
      through?.next.segment ?? null,
      through?.next.offset ?? null,
    ],
  };
}

/** Takes windows off the list; refused when another worker was faster. */
export function removeLateWindows(ids: readonly number[]): Part {
  return {
    name: "late_done",
    sql: "DELETE FROM late_windows WHERE id = ANY($1::bigint[]) RETURNING 1",
    params: [ids],
    check: "assert_unchanged((SELECT count(*) FROM late_done) = cardinality($1::bigint[]), 'late window')",
  };
}

export function writeCheckpoints(rows: readonly CheckpointRow[]): Part {
  return {
    name: "checkpoints",
    sql: `INSERT INTO signal_checkpoints (device_id, kind, epc, ts, seq, antenna, state, state_version)
      SELECT "deviceId", kind, epc, to_timestamp(ts / 1000), seq, antenna, state, $2::int
      FROM json_to_recordset($1::json) AS t ("deviceId" text, kind text, epc text, ts float8, seq bigint, antenna int, state json)
      ON CONFLICT (device_id, kind, epc, ts) DO UPDATE SET seq = excluded.seq, antenna = excluded.antenna, state = excluded.state, state_version = excluded.state_version`,
    params: [JSON.stringify(rows), STATE_VERSION],
  };
}

/** Forgets checkpoints of a stretch (after `after`, up to `to`; both epoch milliseconds) that was sensed again, but `kept`. */
export function removeCheckpoints(
  { deviceId, kind, epc }: Pick<LateWindow, "deviceId" | "kind" | "epc">,
  after: number | null,
  to: number | null,
  kept: readonly number[],
): Part {
  return {
    name: "checkpoints_gone",
    sql: `DELETE FROM signal_checkpoints WHERE NOT readings_expired AND device_id = $1 AND kind = $2 AND epc = $3
      AND ts > coalesce(to_timestamp($4::float8 / 1000), '-infinity') AND ts <= coalesce(to_timestamp($5::float8 / 1000), 'infinity')
      AND ts <> ALL(ARRAY(SELECT to_timestamp(unnest($6::float8[]) / 1000)))`,
    params: [deviceId, kind, epc, after, to, kept],
  };
}
