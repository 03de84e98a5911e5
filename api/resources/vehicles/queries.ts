import type { Reader } from "../../auth/limits.ts";
import type { ListFilter } from "../../http/crud-routes.ts";
import { Conditions, containing } from "../../http/lists/conditions.ts";
import type { Versioned } from "../../http/response.ts";
import { whereCustom } from "../custom-fields/where-custom.ts";
import type { Vehicle } from "./schema.ts";

const VEHICLE = `SELECT v.id, v.name, v.plate,
    CASE WHEN p.vehicle_id IS NULL THEN NULL ELSE json_build_object('ts', p.ts, 'received_at', p.received_at, 'lat', p.lat, 'lon', p.lon,
      'accuracy', p.accuracy, 'speed', p.speed, 'heading', p.heading, 'device_id', p.device_id) END AS position,
    v.attributes, v.tags, v.created_at, v.updated_at, v.version
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

export async function findVehicle(db: Reader, id: number): Promise<Versioned<Vehicle> | undefined> {
  const { rows } = await db.query<VehicleRow>(`${VEHICLE} WHERE v.id = $1`, [id]);
  return rows[0] && vehicleOf(rows[0]);
}

export async function listVehicles(
  db: Reader,
  { after, q, limit, filters }: ListFilter,
): Promise<Versioned<Vehicle>[]> {
  const conditions = new Conditions().where("v.id > ?", after);
  whereCustom(conditions, "vehicles", filters, { idColumn: "v.id", after });
  if (q !== undefined) {
    conditions.where(`(lower(v.name) LIKE lower(?) OR v.plate = ${conditions.parameter(q)})`, containing(q));
  }
  const { rows } = await db.query<VehicleRow>(
    `${VEHICLE} ${conditions.sql} ORDER BY v.id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows.map(vehicleOf);
}
