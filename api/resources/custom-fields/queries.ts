import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { CustomField } from "./schema.ts";
import type { Thing } from "./things.ts";

const FIELD =
  "SELECT id, thing, name, label, type, required, unit, choices, created_at, updated_at, version FROM custom_fields";

/** @throws Problem 404 */
export async function getCustomField(db: Reader, id: number): Promise<Versioned<CustomField>> {
  const { rows } = await db.query<Versioned<CustomField>>(`${FIELD} WHERE id = $1`, [id]);
  return found(rows[0], "custom field");
}

export async function listCustomFields(
  db: Reader,
  { thing, after, limit }: { thing: Thing | undefined; after: number | undefined; limit: number },
): Promise<Versioned<CustomField>[]> {
  const conditions = new Conditions().where("id > ?", after).where("thing = ?", thing);
  const { rows } = await db.query<Versioned<CustomField>>(
    `${FIELD} ${conditions.sql} ORDER BY id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows;
}

/** The fields of a kind of thing; they stay as they are until the transaction ends. */
export async function lockFieldsOf(client: PoolClient, thing: Thing): Promise<CustomField[]> {
  const { rows } = await client.query<CustomField>(`${FIELD} WHERE thing = $1 ORDER BY id FOR SHARE`, [thing]);
  return rows;
}

export async function fieldsOf(db: Reader, thing: Thing): Promise<CustomField[]> {
  const { rows } = await db.query<CustomField>(`${FIELD} WHERE thing = $1 ORDER BY id`, [thing]);
  return rows;
}

export async function countFieldsOf(client: PoolClient, thing: Thing): Promise<number> {
  const { rows } = await client.query<{ fields: number }>(
    "SELECT count(*)::integer AS fields FROM custom_fields WHERE thing = $1",
    [thing],
  );
  return rows[0]!.fields;
}

/** Whether a thing has a value of this field; with `others`, one that is none of these. */
export async function isInUse(
  client: PoolClient,
  { thing, name }: Pick<CustomField, "thing" | "name">,
  others?: readonly string[],
): Promise<boolean> {
  const { rows } = await client.query<{ used: boolean }>(
    `SELECT EXISTS (SELECT FROM custom_values WHERE thing = $1 AND field = $2
      AND ($3::text[] IS NULL OR value <> ALL ($3::text[]))) AS used`,
    [thing, name, others ?? null],
  );
  return rows[0]!.used;
}
