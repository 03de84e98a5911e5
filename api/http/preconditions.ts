import type { Context } from "hono";
import type { PoolClient } from "pg";
import type { ApiEnv } from "../deps.ts";
import { matchesVersion, parseEtags } from "./etag.ts";
import { notFound, Problem } from "./problem.ts";
import { lockRow } from "./rows.ts";

/** Honours If-Match (RFC 9110 §13.1.1). @throws Problem 412 when it does not name `version` */
export function checkIfMatch(c: Context<ApiEnv>, version: number): void {
  const named = parseEtags(c.req.header("If-Match"));
  if (named !== undefined && !matchesVersion(named, version)) {
    throw new Problem(412, `changed since it was read; the current version is ${version}`);
  }
}

/** Locks a row until the end of the transaction. @throws Problem 404 without the row, 412 when If-Match does not name its version */
export async function lockRowIfMatch(
  c: Context<ApiEnv>,
  client: PoolClient,
  table: string,
  id: number | string,
  noun: string,
): Promise<void> {
  const version = await lockRow(client, table, id);
  if (version === undefined) throw notFound(noun);
  checkIfMatch(c, version);
}
