import { float8s, int4s, texts } from "../encoding/binary-array.ts";
import type { Write } from "../statement.ts";
import { timeOfMs } from "../sql-time.ts";

/** A fix as the position of its vehicle; `ts` and `receivedAt` in epoch milliseconds. */
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

/** Keeps the newest position by time of measurement; of two at the same time, the one whose device id is later in order. */
export function writeVehiclePositions(rows: readonly VehiclePositionRow[]): Write {
  return {
    name: "positions",
    sql: `INSERT INTO vehicle_positions AS p (vehicle_id, device_id, ts, received_at, lat, lon, accuracy, speed, heading)
      SELECT v, d, ${timeOfMs("ts")}, ${timeOfMs("r")}, lat, lon, accuracy, speed, heading
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

/**
 * Writes positions from readings of one device that were derived again up to `until` (epoch milliseconds; null: its
 * newest). They also replace a later position of the same device up to `until`, which was derived wrongly before.
 */
export function replaceVehiclePositions(rows: readonly VehiclePositionRow[], until: number | null): Write {
  const { sql, params } = writeVehiclePositions(rows);
  const isReplaced = `p.device_id = excluded.device_id AND p.ts <= coalesce(${timeOfMs(`$${params.length + 1}`)}, 'infinity')`;
  return { name: "positions_replaced", sql: `${sql} OR (${isReplaced})`, params: [...params, until] };
}
