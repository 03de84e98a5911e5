import type { PoolClient } from "pg";
import type { Reader } from "../../../auth/limits.ts";
import { type Principal, userIdOf } from "../../../auth/principal.ts";
import type { QueryParameters } from "../../../integrations/epcis/query/parse-query.ts";

export interface NamedQuery {
  name: string;
  query: QueryParameters;
}

/** Queries are common to all, like the catalogue: they say what is asked, and each is answered what it may see. */
export async function listQueries(db: Reader, after: string | undefined, limit: number): Promise<NamedQuery[]> {
  const { rows } = await db.query<NamedQuery>({
    name: "epcis_queries",
    text: `SELECT name, query FROM epcis_queries WHERE $1::text IS NULL OR name > $1 ORDER BY name LIMIT $2`,
    values: [after ?? null, limit],
  });
  return rows;
}

export async function findQuery(db: Reader, name: string): Promise<NamedQuery | undefined> {
  const { rows } = await db.query<NamedQuery>({
    name: "epcis_query",
    text: "SELECT name, query FROM epcis_queries WHERE name = $1",
    values: [name],
  });
  return rows[0];
}

/** Queries of an installation. */
const MAX_QUERIES = 1_000;

/** @returns `taken`: there is one of this name; `full`: there are too many */
export async function addQuery(
  client: PoolClient,
  { name, query }: NamedQuery,
  principal: Principal,
): Promise<"added" | "taken" | "full"> {
  await client.query("LOCK TABLE epcis_queries IN SHARE ROW EXCLUSIVE MODE");
  const { rows } = await client.query<{ count: number; taken: boolean }>(
    "SELECT count(*)::int AS count, coalesce(bool_or(name = $1), false) AS taken FROM epcis_queries",
    [name],
  );
  if (rows[0]!.taken) return "taken";
  if (rows[0]!.count >= MAX_QUERIES) return "full";
  await client.query("INSERT INTO epcis_queries (name, query, created_by, created_by_client) VALUES ($1, $2, $3, $4)", [
    name,
    JSON.stringify(query),
    userIdOf(principal),
    principal.kind === "client" ? principal.id : null,
  ]);
  return "added";
}

/** @returns `foreign`: somebody else has made it. Its subscriptions end with it */
export async function deleteQuery(
  client: PoolClient,
  name: string,
  { kind, id }: Principal,
  onlyOwn: boolean,
): Promise<"deleted" | "unknown" | "foreign"> {
  const { rows } = await client.query<{ own: boolean }>(
    `SELECT coalesce(CASE WHEN $2 = 'user' THEN created_by ELSE created_by_client END = $3, false) AS own
     FROM epcis_queries WHERE name = $1 FOR UPDATE`,
    [name, kind, id],
  );
  const [row] = rows;
  if (row === undefined) return "unknown";
  if (onlyOwn && !row.own) return "foreign";
  await client.query("DELETE FROM epcis_queries WHERE name = $1", [name]);
  return "deleted";
}
