import type { Reader } from "../../auth/limits.ts";
import type { ListFilter } from "../../http/crud-routes.ts";
import { Conditions, containing } from "../../http/lists/conditions.ts";
import type { Versioned } from "../../http/response.ts";
import { whereCustom } from "../custom-fields/where-custom.ts";
import type { Party } from "./schema.ts";

const PARTY = `SELECT id, name, roles, reference, language, email, phone, address, lead_time_days, minimum_quantity, pack_quantity,
  attributes, tags, created_at, updated_at, version FROM parties`;

export async function findParty(db: Reader, id: number): Promise<Versioned<Party> | undefined> {
  const { rows } = await db.query<Versioned<Party>>(`${PARTY} WHERE id = $1`, [id]);
  return rows[0];
}

/** Those with one of these ids, references or names. */
export async function findPartiesNamed(
  db: Reader,
  ids: readonly number[],
  references: readonly string[],
  names: readonly string[],
): Promise<Versioned<Party>[]> {
  const { rows } = await db.query<Versioned<Party>>(
    `${PARTY} WHERE id = ANY(ARRAY(SELECT unnest($1::int[]) UNION SELECT id FROM parties WHERE reference = ANY($2::text[])
      UNION SELECT id FROM parties WHERE name = ANY($3::text[])))`,
    [ids, references, names],
  );
  return rows;
}

export async function listParties(
  db: Reader,
  { after, q, limit, filters: { role, ...custom } }: ListFilter,
): Promise<Versioned<Party>[]> {
  const conditions = new Conditions()
    .where("id > ?", after)
    .where("roles @> ?::jsonb", role === undefined ? undefined : JSON.stringify([role]));
  whereCustom(conditions, "parties", custom, { after });
  if (q !== undefined) {
    const code = conditions.parameter(q);
    conditions.where(`(lower(name) LIKE lower(?) OR reference = ${code} OR email = ${code})`, containing(q));
  }
  const { rows } = await db.query<Versioned<Party>>(
    `${PARTY} ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}
