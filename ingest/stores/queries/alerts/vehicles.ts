import type { Pool, PoolClient } from "pg";
import type { AlertedVehicle } from "../../../domain/alert/vehicle.ts";
import { msOfTime } from "../../sql-time.ts";
import { NEWS_WINDOW } from "./stock.ts";

export async function loadAlertedVehicles(db: Pool | PoolClient, ids: readonly number[]): Promise<AlertedVehicle[]> {
  const { rows } = await db.query<AlertedVehicle>({
    name: "alerted_vehicles",
    text: `SELECT v.id, coalesce((SELECT json_agg(json_build_object('id', f.id, 'at', ${msOfTime("f.at")},
          'recordedAt', ${msOfTime("f.recorded_at")}, 'isWithdrawn', f.withdrawn_at IS NOT NULL, 'late', f.late, 'type', f.type,
          'locationId', f.data -> 'locationId', 'detail', json_build_object('location_id', f.data -> 'locationId', 'crossing', f.type,
          'device_id', f.device_id)) ORDER BY f.id)
        FROM facts f WHERE f.subject = 'vehicle:' || v.id AND f.type IN ('arrived', 'departed')
          AND f.at > now() - interval '${NEWS_WINDOW}'), '[]') AS facts,
        coalesce((SELECT json_agg(json_build_object('id', f.id, 'at', ${msOfTime("f.at")},
          'recordedAt', ${msOfTime("f.recorded_at")}, 'isWithdrawn', f.withdrawn_at IS NOT NULL, 'late', f.late,
          'manoeuvre', f.data -> 'manoeuvre', 'g', f.data -> 'g', 'detail', json_build_object('manoeuvre', f.data -> 'manoeuvre', 'g', f.data -> 'g',
          'by', f.data -> 'by', 'from_kmh', f.data -> 'fromKmh', 'to_kmh', f.data -> 'toKmh', 'device_id', f.device_id)) ORDER BY f.id)
        FROM facts f WHERE f.subject = 'vehicle:' || v.id AND f.type = 'harsh_driving'
          AND f.at > now() - interval '${NEWS_WINDOW}'), '[]') AS harsh,
        CASE WHEN p.speed IS NOT NULL THEN json_build_object('speed', p.speed, 'at', ${msOfTime("p.ts")},
          'receivedAt', ${msOfTime("p.received_at")}, 'deviceId', p.device_id) END AS moving
      FROM vehicles v LEFT JOIN vehicle_positions p ON p.vehicle_id = v.id WHERE v.id = ANY ($1::int[]) ORDER BY v.id`,
    values: [ids],
  });
  return rows;
}

/** Ids of vehicles, page by page. */
export async function vehiclesToAssess(pool: Pool, after: number, limit: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>({
    name: "vehicles_to_assess",
    text: "SELECT id FROM vehicles WHERE id > $1 ORDER BY id LIMIT $2",
    values: [after, limit],
  });
  return rows.map(({ id }) => id);
}
