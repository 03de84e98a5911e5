import type { Context } from "hono";
import type { PoolClient } from "pg";
import { lockRow } from "./rows.ts";
import type { ApiEnv } from "../deps.ts";
import { matchesVersion, parseEtags } from "./etag.ts";
import { notFound, Problem } from "./problem.ts";

/** @throws Problem 412 when If-Match names other versions than `version` */
export function checkIfMatch(c: Context<ApiEnv>, version: number): void {
  const expected = parseEtags(c.req.header("If-Match"));
  if (expected !== undefined && !matchesVersion(expected, version)) {
    throw new Problem(412, `it has changed since it was read; it is at version ${version} now`);
  }
}

/** Holds a row for a change, if it is there and as the client believes. @throws Problem 404 or 412 */
export async function lockRowIfMatch(
  c: Context<ApiEnv>,
  client: PoolClient,
  table: string,
  id: number | string,
  what: string,
): Promise<void> {
  const version = await lockRow(client, table, id);
  if (version === undefined) throw notFound(what);
  checkIfMatch(c, version);
}
