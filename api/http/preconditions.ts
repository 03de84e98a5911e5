import type { Context } from "hono";
import type { PoolClient } from "pg";
import { holdRow } from "./rows.ts";
import type { ApiEnv } from "../deps.ts";
import { isNamed, parseTags } from "./etag.ts";
import { notFound, Problem } from "./problem.ts";

/** @throws Problem 412 when If-Match names other versions than `version` */
export function expectVersion(c: Context<ApiEnv>, version: number): void {
  const expected = parseTags(c.req.header("If-Match"));
  if (expected !== undefined && !isNamed(expected, version)) {
    throw new Problem(412, `it has changed since it was read; it is at version ${version} now`);
  }
}

/** Holds a row for a change, if it is there and as the client believes. @throws Problem 404 or 412 */
export async function holdExpected(
  c: Context<ApiEnv>,
  client: PoolClient,
  table: string,
  id: number | string,
  what: string,
): Promise<void> {
  const version = await holdRow(client, table, id);
  if (version === undefined) throw notFound(what);
  expectVersion(c, version);
}
