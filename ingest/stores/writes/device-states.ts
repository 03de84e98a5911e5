import { booleans, float8s, int8s, texts } from "../encoding/binary-array.ts";
import { type DeviceCounts, type DeviceState, encodeSignals } from "../encoding/device-state.ts";
import type { Write } from "../statement.ts";

/** One device's row of device_states, as it shall be. */
export interface DeviceStateRow {
  deviceId: string;
  /** the version after this write; the statement is refused unless the row has the one before */
  version: number;
  /** epoch milliseconds */
  newestTs: number | null;
  lastReceivedAt: number;
  counts: DeviceCounts;
  skewMs: number | null;
  latest: string;
  signal: string;
}

/** The state as its row. @param lastReceivedAt epoch milliseconds */
export function deviceStateRow(state: DeviceState, lastReceivedAt: number): DeviceStateRow {
  const { deviceId, version, newestTs, counts, skewMs, latest, signal } = state;
  const json = { latest: JSON.stringify(latest), signal: encodeSignals(signal) };
  return { deviceId, version, newestTs, lastReceivedAt, counts, skewMs, ...json };
}

export function writeDeviceStates(rows: readonly DeviceStateRow[]): Write {
  return {
    name: "devices",
    sql: `INSERT INTO device_states AS d (device_id, version, newest_ts, last_received_at,
        received, stored, duplicate, late, quarantined, gap, skew_ms, latest, signal)
      SELECT id, version, to_timestamp(newest / 1000), to_timestamp(received_at / 1000), r, s, du, l, q, g, skew, latest::json, signal
      FROM unnest($1::text[], $2::bigint[], $3::float8[], $4::float8[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[],
        $9::bigint[], $10::bigint[], $11::float8[], $12::text[], $13::text[])
        AS t (id, version, newest, received_at, r, s, du, l, q, g, skew, latest, signal)
      ORDER BY id
      ON CONFLICT (device_id) DO UPDATE SET version = excluded.version, newest_ts = excluded.newest_ts,
        last_received_at = excluded.last_received_at, received = excluded.received, stored = excluded.stored,
        duplicate = excluded.duplicate, late = excluded.late, quarantined = excluded.quarantined, gap = excluded.gap,
        skew_ms = excluded.skew_ms, latest = excluded.latest, signal = excluded.signal
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
    ],
    check: "assert_unchanged((SELECT count(*) FROM devices) = cardinality($1::text[]), 'device')",
  };
}

export interface TagStateRow {
  deviceId: string;
  epc: string;
  newestTs: number;
  signal: string;
  endReported: boolean;
}

/** Under the guard of the reader's device row. */
export function writeTagStates(rows: readonly TagStateRow[]): Write {
  return {
    name: "tags",
    sql: `INSERT INTO tag_states (device_id, epc, newest_ts, signal, end_reported)
      SELECT device_id, epc, to_timestamp(newest / 1000), signal, told
      FROM unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::boolean[]) AS t (device_id, epc, newest, signal, told)
      ORDER BY device_id, epc
      ON CONFLICT (device_id, epc) DO UPDATE SET newest_ts = excluded.newest_ts, signal = excluded.signal, end_reported = excluded.end_reported`,
    params: [
      texts(rows, (row) => row.deviceId),
      texts(rows, (row) => row.epc),
      float8s(rows, (row) => row.newestTs),
      texts(rows, (row) => row.signal),
      booleans(rows, (row) => row.endReported),
    ],
  };
}

/** Takes the next version of devices of which only what belongs to them changes; `version`: the one after this write. */
export function incrementDeviceVersions(devices: readonly { deviceId: string; version: number }[]): Write {
  return {
    name: "touched",
    sql: `UPDATE device_states d SET version = t.version FROM unnest($1::text[], $2::bigint[]) AS t (id, version)
      WHERE d.device_id = t.id AND d.version = t.version - 1 RETURNING 1`,
    params: [texts(devices, ({ deviceId }) => deviceId), int8s(devices, ({ version }) => version)],
    check: "assert_unchanged((SELECT count(*) FROM touched) = cardinality($1::text[]), 'device')",
  };
}
