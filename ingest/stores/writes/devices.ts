import { booleans, float8s, int4s, int8s, texts } from "../encoding/binary-array.ts";
import type { Part } from "../statement.ts";

/** One device's row of device_states, as it shall be. */
export interface DeviceRow {
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

/** Exact and persistent: received = stored + duplicate + quarantined. */
export interface DeviceCounts {
  received: number;
  stored: number;
  duplicate: number;
  late: number;
  quarantined: number;
  gap: number;
}

export function writeDevices(rows: readonly DeviceRow[]): Part {
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

export interface TagRow {
  deviceId: string;
  epc: string;
  newestTs: number;
  signal: string;
  endReported: boolean;
}

/** Under the guard of the reader's device row. */
export function writeTags(rows: readonly TagRow[]): Part {
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
export function touchDevices(devices: readonly { deviceId: string; version: number }[]): Part {
  return {
    name: "touched",
    sql: `UPDATE device_states d SET version = t.version FROM unnest($1::text[], $2::bigint[]) AS t (id, version)
      WHERE d.device_id = t.id AND d.version = t.version - 1 RETURNING 1`,
    params: [texts(devices, ({ deviceId }) => deviceId), int8s(devices, ({ version }) => version)],
    check: "assert_unchanged((SELECT count(*) FROM touched) = cardinality($1::text[]), 'device')",
  };
}

export interface VehiclePositionRow {
  vehicleId: number;
  deviceId: string;
  ts: number;
  receivedAt: number;
  lat: number;
  lon: number;
  accuracy: number | null;
  speed: number | null;
  heading: number | null;
}

/** The newest by time of measurement stays, whatever order they come in; of one instant, that of the last device by id. */
export function writePositions(rows: readonly VehiclePositionRow[]): Part {
  return {
    name: "positions",
    sql: `INSERT INTO vehicle_positions AS p (vehicle_id, device_id, ts, received_at, lat, lon, accuracy, speed, heading)
      SELECT v, d, to_timestamp(ts / 1000), to_timestamp(r / 1000), lat, lon, accuracy, speed, heading
      FROM unnest($1::int[], $2::text[], $3::float8[], $4::float8[], $5::float8[], $6::float8[], $7::float8[], $8::float8[], $9::float8[])
        AS t (v, d, ts, r, lat, lon, accuracy, speed, heading)
      WHERE EXISTS (SELECT FROM vehicles WHERE vehicles.id = t.v)
      ORDER BY v
      ON CONFLICT (vehicle_id) DO UPDATE SET device_id = excluded.device_id, ts = excluded.ts, received_at = excluded.received_at,
        lat = excluded.lat, lon = excluded.lon, accuracy = excluded.accuracy, speed = excluded.speed, heading = excluded.heading
        WHERE p.ts < excluded.ts OR (p.ts = excluded.ts AND p.device_id <= excluded.device_id)`,
    params: [
      int4s(rows, (row) => row.vehicleId),
      texts(rows, (row) => row.deviceId),
      float8s(rows, (row) => row.ts),
      float8s(rows, (row) => row.receivedAt),
      float8s(rows, (row) => row.lat),
      float8s(rows, (row) => row.lon),
      float8s(rows, (row) => row.accuracy),
      float8s(rows, (row) => row.speed),
      float8s(rows, (row) => row.heading),
    ],
  };
}
