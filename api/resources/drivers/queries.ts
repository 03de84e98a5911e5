import type { Reader } from "../../auth/limits.ts";
import { canManage, type Role } from "../../auth/roles.ts";
import type { ListFilter } from "../../http/crud-routes.ts";
import { Conditions, containing } from "../../http/lists/conditions.ts";
import type { Versioned } from "../../http/response.ts";
import type { Driver } from "./schema.ts";

const DRIVER = "SELECT id, name, phone, token, created_at, updated_at, version FROM drivers";

export async function findDriver(db: Reader, id: number): Promise<Versioned<Driver> | undefined> {
  const { rows } = await db.query<Versioned<Driver>>(`${DRIVER} WHERE id = $1`, [id]);
  return rows[0];
}

/** By a card's number, too, for those who may see it. */
export async function listDrivers(
  db: Reader,
  { after, q, limit }: ListFilter,
  role: Role,
): Promise<Versioned<Driver>[]> {
  const conditions = new Conditions().where("id > ?", after);
  if (q !== undefined) {
    const orToken = canManage(role) ? ` OR token = ${conditions.parameter(q)}` : "";
    conditions.where(`(lower(name) LIKE lower(?)${orToken})`, containing(q));
  }
  const { rows } = await db.query<Versioned<Driver>>(
    `${DRIVER} ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}
