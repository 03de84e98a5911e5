import type { Pool, PoolClient } from "pg";
import type { ListFilter } from "../../http/crud-routes.ts";
import type { Versioned } from "../../http/response.ts";
import type { Vehicle } from "./schema.ts";

const VEHICLE = `SELECT v.id, v.name, v.plate,
    CASE WHEN p.vehicle_id IS NULL THEN NULL ELSE json_build_object('ts', p.ts, 'received_at', p.received_at, 'lat', p.lat, 'lon', p.lon,
      'accuracy', p.accuracy, 'speed', p.speed, 'heading', p.heading, 'device_id', p.device_id) END AS position,
    v.created_at, v.updated_at, v.version
  FROM vehicles v LEFT JOIN vehicle_positions p ON p.vehicle_id = v.id`;

interface VehicleRow extends Omit<Versioned<Vehicle>, "position"> {
  position: (Omit<NonNullable<Vehicle["position"]>, "ts" | "received_at"> & { ts: string; received_at: string }) | null;
}

/** Times inside JSON come in Postgres' own format; responses have ISO 8601 with milliseconds. */
function vehicleOf({ position, ...row }: VehicleRow): Versioned<Vehicle> {
  return {
    ...row,
    position: position && { ...position, ts: new Date(position.ts), received_at: new Date(position.received_at) },
  };
}

export async function findVehicle(db: Pool | PoolClient, id: number): Promise<Versioned<Vehicle> | undefined> {
  const { rows } = await db.query<VehicleRow>(`${VEHICLE} WHERE v.id = $1`, [id]);
  return rows[0] && vehicleOf(rows[0]);
}

export async function listVehicles(db: Pool, { after, q, limit }: ListFilter): Promise<Versioned<Vehicle>[]> {
  const { rows } = await db.query<VehicleRow>(
    `${VEHICLE} WHERE v.id > $1 AND ($2::text IS NULL OR strpos(lower(v.name), lower($2)) > 0 OR v.plate = $2) ORDER BY v.id LIMIT $3`,
    [after ?? 0, q ?? null, limit],
  );
  return rows.map(vehicleOf);
}
