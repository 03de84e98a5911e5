import type { PoolClient } from "pg";

/** The fields of `change` that are given, as column names and parameters, in the order of `columns`. */
export function definedColumns(
  change: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): { names: string[]; values: unknown[] } {
  const names = columns.filter((column) => change[column] !== undefined);
  return { names, values: names.map((name) => asParameter(change[name])) };
}

/** A parameter for a column of type `integer[]`. */
export const integerArray = (values: readonly number[] | null | undefined): string | null | undefined =>
  values && `{${values.join(",")}}`;

/** The same for a column of type `text[]` whose values are words of an enumeration. */
export const wordArray = (values: readonly string[] | null | undefined): string | null | undefined =>
  values && `{${values.join(",")}}`;

/** The driver sends arrays as Postgres arrays, but nearly all array columns here are jsonb. See `integerArray`. */
function asParameter(value: unknown): unknown {
  return typeof value === "object" && value !== null && !(value instanceof Date) ? JSON.stringify(value) : value;
}

/** Inserts one row. `table` and `columns` go into the SQL as they are: never pass text of a client. @returns its id */
export async function insertRow(
  client: PoolClient,
  table: string,
  row: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): Promise<number> {
  const { names, values } = definedColumns(row, columns);
  const placeholders = values.map((_, at) => `$${at + 1}`).join(", ");
  const { rows } = await client.query<{ id: number }>(
    `INSERT INTO ${table} (${names.join(", ")}) VALUES (${placeholders}) RETURNING id`,
    values,
  );
  return rows[0]!.id;
}

/**
 * Inserts many rows by few statements. `table` and `columns` go into the SQL as they are: never pass text of a client.
 * @returns their ids, in the order of the rows
 */
export async function insertRows(
  client: PoolClient,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
  columns: readonly string[],
): Promise<number[]> {
  if (rows.length === 0) return [];
  const { rows: ids } = await client.query<{ id: number }>(
    "SELECT nextval(pg_get_serial_sequence($1, 'id'))::integer AS id FROM generate_series(1, $2)",
    [table, rows.length],
  );
  // Rows that give the same columns go together: a column that a row leaves out takes its default.
  const groups = new Map<string, object[]>();
  for (const [at, row] of rows.entries()) {
    const names = columns.filter((column) => row[column] !== undefined).join(", ");
    const group = groups.get(names) ?? [];
    groups.set(names, group);
    group.push({ ...row, id: ids[at]!.id });
  }
  for (const [names, group] of groups) {
    await client.query(
      `INSERT INTO ${table} (id, ${names}) OVERRIDING SYSTEM VALUE
      SELECT id, ${names} FROM jsonb_populate_recordset(NULL::${table}, $1::jsonb)`,
      [JSON.stringify(group)],
    );
  }
  return ids.map(({ id }) => id);
}

/** Updates the given columns of one row and raises its version. */
export async function updateRow(
  client: PoolClient,
  table: string,
  id: number | string,
  change: Readonly<Record<string, unknown>>,
  columns: readonly string[],
): Promise<void> {
  const { names, values } = definedColumns(change, columns);
  const assignments = names.map((name, at) => `${name} = $${at + 2}, `).join("");
  await client.query(`UPDATE ${table} SET ${assignments}updated_at = now(), version = version + 1 WHERE id = $1`, [
    id,
    ...values,
  ]);
}

/** Locks a row until the end of the transaction. @returns its version; undefined when there is no such row */
export async function lockRow(client: PoolClient, table: string, id: number | string): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${table} WHERE id = $1 FOR UPDATE`, [
    id,
  ]);
  return rows[0]?.version;
}

/**
 * Reads a row's version without a lock; undefined when there is no such row. Enough before facts are recorded: the fold
 * is itself guarded by this version.
 */
export async function readVersion(
  client: PoolClient,
  table: "inventory_items" | "shipments",
  id: number,
): Promise<number | undefined> {
  const { rows } = await client.query<{ version: number }>(`SELECT version FROM ${table} WHERE id = $1`, [id]);
  return rows[0]?.version;
}

export async function deleteRow(client: PoolClient, table: string, id: number | string): Promise<void> {
  await client.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
}
