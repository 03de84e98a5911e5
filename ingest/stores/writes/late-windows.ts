import type { Position } from "../../../broker/journal/journal.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** A time range of one signal to be derived again; epoch milliseconds, both included. `epc` is '' except for tags. */
export interface LateWindow {
  deviceId: string;
  kind: string;
  epc: string;
  from: number;
  to: number;
}

/** The end of the last journal frame of a batch. */
export interface JournalFrameEnd {
  journalId: string;
  next: Position;
}

/** @param through the frame that brought the readings; undefined when they are in the series store already */
export function writeLateWindows(windows: readonly LateWindow[], through: JournalFrameEnd | undefined): Write {
  return {
    name: "late_windows_added",
    sql: `INSERT INTO late_windows (device_id, kind, epc, from_ts, to_ts, journal_id, segment, byte_offset)
      SELECT "deviceId", kind, epc, ${timeOfMs('"from"')}, ${timeOfMs('"to"')}, $2::uuid, $3::bigint, $4::bigint
      FROM jsonb_to_recordset($1::jsonb) AS t ("deviceId" text, kind text, epc text, "from" float8, "to" float8)`,
    params: [
      JSON.stringify(windows),
      through?.journalId ?? null,
      through?.next.segment ?? null,
      through?.next.offset ?? null,
    ],
  };
}

/** The longest silence after which a tag is gone (signals/tag-dwell.ts): what ended before needs no other proof. */
const MAX_SILENCE_MS = 600_000;

/** Requests derivation of all tags of these readers from `from` (epoch milliseconds) on, with the longest silence before it. */
export function requestTagDerivations(
  readers: readonly { deviceId: string; from: number }[],
  through: JournalFrameEnd | undefined,
): Write {
  return {
    name: "tags_to_derive",
    sql: `INSERT INTO late_windows (device_id, kind, epc, from_ts, to_ts, journal_id, segment, byte_offset)
      SELECT s.device_id, 'rfid', s.epc, to_timestamp((t."from" - ${MAX_SILENCE_MS}) / 1000), s.newest_ts, $2::uuid, $3::bigint, $4::bigint
      FROM jsonb_to_recordset($1::jsonb) AS t ("deviceId" text, "from" float8)
      JOIN tag_states s ON s.device_id = t."deviceId" AND s.newest_ts >= to_timestamp((t."from" - ${MAX_SILENCE_MS}) / 1000)`,
    params: [
      JSON.stringify(readers),
      through?.journalId ?? null,
      through?.next.segment ?? null,
      through?.next.offset ?? null,
    ],
  };
}

/** Deletes windows that were derived; refused when another worker was faster. */
export function removeLateWindows(ids: readonly number[]): Write {
  return {
    name: "late_windows_deleted",
    sql: "DELETE FROM late_windows WHERE id = ANY($1::bigint[]) RETURNING 1",
    params: [ids],
    check: "assert_unchanged((SELECT count(*) FROM late_windows_deleted) = cardinality($1::bigint[]), 'late window')",
  };
}
