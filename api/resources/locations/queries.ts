import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import type { ListFilter } from "../../http/crud-routes.ts";
import { Conditions, containing } from "../../http/lists/conditions.ts";
import type { Versioned } from "../../http/response.ts";
import { locationOfCode } from "../labels/label.ts";
import { whereCustom } from "../custom-fields/where-custom.ts";
import type { Location } from "./schema.ts";

const LOCATION = `SELECT id, name, stage, parent_id, barcode, gln, time_zone, geofence, capacity_units, capacity_litres, capacity_kilograms,
  kind, storage_category, attributes, tags, created_at, updated_at, version FROM locations`;

export async function findLocation(db: Reader, id: number): Promise<Versioned<Location> | undefined> {
  const { rows } = await db.query<Versioned<Location>>(`${LOCATION} WHERE id = $1`, [id]);
  return rows[0];
}

/** Those with one of these ids or names. */
export async function findLocationsNamed(
  db: Reader,
  ids: readonly number[],
  names: readonly string[],
): Promise<Versioned<Location>[]> {
  const { rows } = await db.query<Versioned<Location>>(
    `${LOCATION} WHERE id = ANY($1::int[]) UNION ALL ${LOCATION} WHERE name = ANY($2::text[]) AND id <> ALL($1::int[])`,
    [ids, names],
  );
  return rows;
}

export async function listLocations(
  db: Reader,
  { after, q, limit, filters }: ListFilter,
): Promise<Versioned<Location>[]> {
  const conditions = new Conditions().where("id > ?", after).where("kind = ?", filters["kind"]);
  whereCustom(conditions, "locations", filters, { after });
  if (q !== undefined) {
    const [code, labelled] = [conditions.parameter(q), conditions.parameter(locationOfCode(q) ?? null)];
    conditions.where(
      `(lower(name) LIKE lower(?) OR barcode = ${code} OR gln = ${code} OR id = ${labelled}::integer)`,
      containing(q),
    );
  }
  const { rows } = await db.query<Versioned<Location>>(
    `${LOCATION} ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}

/** The names of the locations that one lies in, outermost first, as far as `db` shows them. */
export async function namesAround(db: Reader, id: number): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `WITH RECURSIVE above AS (
      SELECT parent_id, 0 AS distance FROM locations WHERE id = $1
      UNION ALL SELECT l.parent_id, distance + 1 FROM locations l JOIN above ON l.id = above.parent_id
    ) SELECT l.name FROM above JOIN locations l ON l.id = above.parent_id ORDER BY distance DESC`,
    [id],
  );
  return rows.map(({ name }) => name);
}

/**
 * Whether location `id` is `ancestor` or lies within it. The advisory lock allows one change of parents at a time: two at
 * once could close a circle.
 */
export async function isWithin(client: PoolClient, id: number, ancestor: number): Promise<boolean> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock location parents'))");
  const { rows } = await client.query<{ within: boolean }>(
    `WITH RECURSIVE above AS (
      SELECT id, parent_id FROM locations WHERE id = $1
      UNION SELECT l.id, l.parent_id FROM locations l JOIN above ON l.id = above.parent_id
    ) SELECT EXISTS (SELECT FROM above WHERE id = $2) AS within`,
    [id, ancestor],
  );
  return rows[0]!.within;
}
