import type { PoolClient } from "pg";
import type { ImportRow, RowProblem } from "../../../tables/row.ts";
import { isText } from "./kind.ts";

/** A column that names another resource, and the field of the API that holds its id. */
export interface NameColumn {
  column: string;
  field: string;
  noun: string;
  /** rows with a name, `text`, among those of $1 */
  sql: string;
}

const party = (column: string): NameColumn => {
  const role = `roles @> '["${column}"]'`;
  return {
    column,
    field: `${column}_id`,
    noun: column,
    sql: `SELECT id, name AS text FROM parties WHERE name = ANY($1::text[]) AND ${role}
      UNION SELECT id, reference FROM parties WHERE reference = ANY($1::text[]) AND ${role}`,
  };
};
const location = (column: string, field: string): NameColumn => ({
  column,
  field,
  noun: "location",
  sql: "SELECT id, name AS text FROM locations WHERE name = ANY($1::text[])",
});

export const SUPPLIER = party("supplier");
export const CUSTOMER = party("customer");
export const OWNER = party("owner");
export const PARENT = location("parent", "parent_id");
export const SHIP_TO = location("ship_to", "ship_to_id");
export const LOCATION = location("location", "location_id");
export const ITEM: NameColumn = {
  column: "sku",
  field: "item_id",
  noun: "item",
  sql: "SELECT id, sku AS text FROM items WHERE sku = ANY($1::text[])",
};

/** The ids of what has these names. */
export async function idsByName(
  client: PoolClient,
  { sql }: NameColumn,
  names: readonly string[],
): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  if (names.length === 0) return found;
  const { rows } = await client.query<{ id: number; text: string }>(sql, [[...new Set(names)]]);
  for (const { id, text } of rows) found.set(text, [...(found.get(text) ?? []), id]);
  return found;
}

export interface NamedRow {
  /** the fields of the API: names have become ids */
  fields: Record<string, unknown>;
  problems: RowProblem[];
}

/**
 * Puts ids in the place of names. Where a row gives both, they must mean the same: a file that was exported elsewhere has other ids.
 * @param isKnown whether a name that is not there will be, so that nothing is wrong with it
 */
export async function resolveNames(
  client: PoolClient,
  rows: readonly ImportRow[],
  columns: readonly NameColumn[],
  isKnown: (column: NameColumn, name: string) => boolean = () => false,
): Promise<NamedRow[]> {
  const resolved = rows.map(({ fields }): NamedRow => ({ fields: { ...fields }, problems: [] }));
  for (const column of columns) {
    const names = rows.map(({ fields }) => fields[column.column]).filter(isText);
    const known = await idsByName(
      client,
      column,
      names.map((name) => name.trim()),
    );
    for (const row of resolved) resolveOne(row, column, known, isKnown);
  }
  return resolved;
}

function resolveOne(
  { fields, problems }: NamedRow,
  column: NameColumn,
  known: ReadonlyMap<string, readonly number[]>,
  isKnown: (column: NameColumn, name: string) => boolean,
): void {
  const name = fields[column.column];
  delete fields[column.column];
  if (!isText(name)) return;
  const ids = known.get(name.trim()) ?? [];
  const given = fields[column.field];
  const [id] = ids;
  if (id === undefined) {
    if (isKnown(column, name.trim())) return;
    problems.push({ column: column.column, message: `there is no ${column.noun} "${name.trim()}"` });
  } else if (given !== undefined && given !== null) {
    if (ids.includes(given as number)) return;
    const message = `${column.noun} ${JSON.stringify(given)} is not "${name.trim()}": correct one of the two columns, or leave one out`;
    problems.push({ column: column.field, message });
  } else if (ids.length > 1) {
    const message = `${ids.length} have this name: give the number in the column ${column.field}`;
    problems.push({ column: column.column, message });
  } else {
    fields[column.field] = id;
  }
}
