import { createHash } from "node:crypto";
import type pg from "pg";
import { type LimitKind, rulesOf } from "./rules.ts";

/*
 * A view for each table of rules.ts, and what a transaction needs to use them, in schemas of their own. They are no migration:
 * they are made anew when the rules or the tables have changed, so that a view always has all columns of its table.
 */

/** The schemas of the views, by the limits that they are for. */
export const SCHEMAS: Readonly<Record<string, LimitKind>> = {
  limited_to_places: { places: true, owners: false },
  limited_to_owners: { places: false, owners: true },
  limited_to_both: { places: true, owners: true },
};

/** A setting that is missing is an error, so a transaction that did not begin by `limited.enter` sees nothing. */
const FUNCTIONS = `
  -- Postgres plans with what these two return now. The cost makes it look the ids up in indexes rather than call them for
  -- many rows; in PL/pgSQL, because SQL would be inlined, and its cost with it.
  CREATE FUNCTION limited.places() RETURNS integer[] LANGUAGE plpgsql STABLE COST 100 AS $$ BEGIN
    RETURN current_setting('waystock.places')::integer[]; END $$;
  CREATE FUNCTION limited.owners() RETURNS integer[] LANGUAGE plpgsql STABLE COST 100 AS $$ BEGIN
    RETURN current_setting('waystock.owners')::integer[]; END $$;
  CREATE FUNCTION limited.user_id() RETURNS integer LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('waystock.user_id'), '')::integer $$;
  CREATE FUNCTION limited.client_id() RETURNS integer LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('waystock.client_id'), '')::integer $$;

  -- The names of tables mean these views first.
  CREATE FUNCTION limited.show() RETURNS void LANGUAGE sql AS $$
    SELECT set_config('search_path', current_setting('waystock.views') || ', ' || current_setting('search_path'), true) $$;

  -- Limits the rest of the transaction. NULL: no limit of this kind. The lock keeps the views until the transaction ends.
  CREATE FUNCTION limited.enter(location_ids integer[], owner_ids integer[], of_user integer, of_client integer) RETURNS void
  LANGUAGE plpgsql AS $$
  DECLARE
    within integer[];
  BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtext('waystock limits'));
    IF location_ids IS NULL AND owner_ids IS NULL THEN
      RAISE EXCEPTION 'there is no limit';
    END IF;
    IF location_ids IS NOT NULL THEN
      WITH RECURSIVE below AS (
        SELECT id FROM public.locations WHERE id = ANY (location_ids)
        UNION SELECT l.id FROM public.locations l JOIN below ON l.parent_id = below.id
      ) SELECT coalesce(array_agg(id), '{}') INTO within FROM below;
    END IF;
    PERFORM set_config('waystock.places', coalesce(within::text, 'none: no limit'), true),
      set_config('waystock.owners', coalesce(owner_ids::text, 'none: no limit'), true),
      set_config('waystock.user_id', coalesce(of_user::text, ''), true),
      set_config('waystock.client_id', coalesce(of_client::text, ''), true),
      set_config('waystock.views', CASE WHEN owner_ids IS NULL THEN 'limited_to_places'
        WHEN location_ids IS NULL THEN 'limited_to_owners' ELSE 'limited_to_both' END, true);
    PERFORM limited.show();
  END $$;
`;

const viewsOf = (schema: string, kind: LimitKind): string[] =>
  Object.entries(rulesOf(kind, schema)).map(([table, { visible, checked }]) => {
    const check = checked ? "WITH LOCAL CHECK OPTION" : "";
    return `CREATE VIEW ${schema}.${table} AS SELECT * FROM public.${table} WHERE ${visible} ${check};`;
  });

const DROP = ["limited", ...Object.keys(SCHEMAS)]
  .map((schema) => `DROP SCHEMA IF EXISTS ${schema} CASCADE;`)
  .join("\n");

const STATEMENTS = [
  "CREATE SCHEMA limited;",
  FUNCTIONS,
  ...Object.entries(SCHEMAS).flatMap(([schema, kind]) => [`CREATE SCHEMA ${schema};`, ...viewsOf(schema, kind)]),
].join("\n");

/** What the views are made of: the rules, and the tables as these migrations have made them. */
export const fingerprintOf = (migrations: readonly string[]): string =>
  createHash("sha256")
    .update([STATEMENTS, ...migrations].join("\n"))
    .digest("hex");

/** Removes views that are not current: a migration could not change the columns that they show. */
export const dropStaleViews = (pool: pg.Pool, fingerprint: string): Promise<void> =>
  replaceViews(pool, fingerprint, "");

/** Makes the views unless they are current. */
export const makeViews = (pool: pg.Pool, fingerprint: string): Promise<void> =>
  replaceViews(pool, fingerprint, `${STATEMENTS} COMMENT ON SCHEMA limited IS '${fingerprint}';`);

/** Waits for the transactions that use the views, and for others who make them, then replaces them unless they are current. */
async function replaceViews(pool: pg.Pool, fingerprint: string, statements: string): Promise<void> {
  if (await isCurrent(pool, fingerprint)) return;
  const client = await pool.connect();
  try {
    await client.query("BEGIN; SELECT pg_advisory_xact_lock(hashtext('waystock limits'))");
    if (!(await isCurrent(client, fingerprint))) {
      await client.query(`${DROP} ${statements}`);
    }
    await client.query("COMMIT");
  } catch (error) {
    throw isDenied(error)
      ? new Error("the database role may not create schemas: GRANT CREATE ON DATABASE … TO it", { cause: error })
      : error;
  } finally {
    // After an error the connection is closed, which ends its transaction.
    client.release(client.getTransactionStatus() !== "I");
  }
}

/** PostgreSQL's `insufficient_privilege`. */
const isDenied = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "42501";

/** Reads the catalogue's tables: a function such as to_regnamespace may remember that there was no schema. */
async function isCurrent(db: Pick<pg.PoolClient, "query">, fingerprint: string): Promise<boolean> {
  const { rows } = await db.query<{ current: boolean }>(
    `SELECT EXISTS (SELECT FROM pg_namespace n JOIN pg_description d ON d.objoid = n.oid AND d.classoid = 'pg_namespace'::regclass
      WHERE n.nspname = 'limited' AND d.description = $1) AS current`,
    [fingerprint],
  );
  return rows[0]!.current;
}
