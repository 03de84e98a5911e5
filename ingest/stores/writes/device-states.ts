import { booleans, float8s, int4s, int8s, texts } from "../encoding/binary-array.ts";
import { type DeviceCounts, type DeviceState, encodeSignals } from "../encoding/device-state.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** A row of device_states to be written. */
export interface DeviceStateRow {
  deviceId: string;
  /** the version after this write; the statement is refused unless the row has the version before it */
  version: number;
  /** epoch milliseconds */
  newestTs: number | null;
  lastReceivedAt: number;
  counts: DeviceCounts;
  skewMs: number | null;
  /** JSON */
  latest: string;
  signal: string;
  /** JSON; null: as before */
  ignored: string | null;
}

/** The state as its row. @param lastReceivedAt epoch milliseconds. @param before the state in the row */
export function deviceStateRow(state: DeviceState, lastReceivedAt: number, before = state): DeviceStateRow {
  const { deviceId, version, newestTs, counts, skewMs, latest, signal } = state;
  const json = { latest: JSON.stringify(latest), signal: encodeSignals(signal) };
  const ignored = state.ignored === before.ignored ? null : JSON.stringify(state.ignored);
  return { deviceId, version, newestTs, lastReceivedAt, counts, skewMs, ...json, ignored };
}

/** @param journalId of the node that heard these devices; null: the readings are not heard now, but tried again */
export function writeDeviceStates(rows: readonly DeviceStateRow[], journalId: string | null): Write {
  return {
    name: "devices_written",
    sql: `INSERT INTO device_states AS d (device_id, version, newest_ts, last_received_at,
        received, stored, duplicate, late, quarantined, gap, skew_ms, latest, signal, ignored_fields, journal_id)
      SELECT id, version, ${timeOfMs("newest")}, ${timeOfMs("received_at")}, r, s, du, l, q, g, skew, latest::json, signal, ignored::json, $15::uuid
      FROM unnest($1::text[], $2::bigint[], $3::float8[], $4::float8[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
        $9::bigint[], $10::bigint[], $11::float8[], $12::text[], $13::text[], $14::text[])
        AS t (id, version, newest, received_at, r, s, du, l, q, g, skew, latest, signal, ignored)
      ORDER BY id
      ON CONFLICT (device_id) DO UPDATE SET version = excluded.version, newest_ts = excluded.newest_ts,
        last_received_at = excluded.last_received_at, received = excluded.received, stored = excluded.stored,
        duplicate = excluded.duplicate, late = excluded.late, quarantined = excluded.quarantined, gap = excluded.gap,
        skew_ms = excluded.skew_ms, latest = excluded.latest, signal = excluded.signal,
        ignored_fields = coalesce(excluded.ignored_fields, d.ignored_fields),
        journal_id = coalesce(excluded.journal_id, d.journal_id)
        WHERE d.version = excluded.version - 1
      RETURNING 1`,
    params: [
      texts(rows, (row) => row.deviceId),
      int8s(rows, (row) => row.version),
      float8s(rows, (row) => row.newestTs),
      float8s(rows, (row) => row.lastReceivedAt),
      int8s(rows, (row) => row.counts.received),
      int8s(rows, (row) => row.counts.stored),
      int8s(rows, (row) => row.counts.duplicate),
      int8s(rows, (row) => row.counts.late),
      int8s(rows, (row) => row.counts.quarantined),
      int8s(rows, (row) => row.counts.gap),
      float8s(rows, (row) => row.skewMs),
      texts(rows, (row) => row.latest),
      texts(rows, (row) => row.signal),
      texts(rows, (row) => row.ignored),
      journalId,
    ],
    check: "assert_unchanged((SELECT count(*) FROM devices_written) = cardinality($1::text[]), 'device')",
  };
}

export interface TagStateRow {
  deviceId: string;
  epc: string;
  newestTs: number;
  signal: string;
  endReported: boolean;
  endsTakenBack: number;
}

/** Without a version check of its own: the version of the reader's row guards its tags. */
export function writeTagStates(rows: readonly TagStateRow[]): Write {
  return {
    name: "tags_written",
    sql: `INSERT INTO tag_states AS known (device_id, epc, newest_ts, signal, end_reported, ends_taken_back)
      SELECT device_id, epc, ${timeOfMs("newest")}, signal, reported, taken_back
      FROM unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::boolean[], $6::int[]) AS t (device_id, epc, newest, signal, reported, taken_back)
      ORDER BY device_id, epc
      ON CONFLICT (device_id, epc) DO UPDATE SET newest_ts = excluded.newest_ts, signal = excluded.signal, end_reported = excluded.end_reported,
        ends_taken_back = greatest(known.ends_taken_back, excluded.ends_taken_back)`,
    params: [
      texts(rows, (row) => row.deviceId),
      texts(rows, (row) => row.epc),
      float8s(rows, (row) => row.newestTs),
      texts(rows, (row) => row.signal),
      booleans(rows, (row) => row.endReported),
      int4s(rows, (row) => row.endsTakenBack),
    ],
  };
}

/** Raises the versions of readers whose tag states change. `version`: the version after this write. */
export function incrementDeviceVersions(devices: readonly { deviceId: string; version: number }[]): Write {
  return {
    name: "device_versions",
    sql: `UPDATE device_states d SET version = t.version FROM unnest($1::text[], $2::bigint[]) AS t (id, version)
      WHERE d.device_id = t.id AND d.version = t.version - 1 RETURNING 1`,
    params: [texts(devices, ({ deviceId }) => deviceId), int8s(devices, ({ version }) => version)],
    check: "assert_unchanged((SELECT count(*) FROM device_versions) = cardinality($1::text[]), 'device')",
  };
}
