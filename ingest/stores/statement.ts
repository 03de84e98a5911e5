import type { Pool, PoolClient, QueryResult } from "pg";
import { StatementNames } from "./statement-names.ts";
import { inWriteOrder, type WriteName } from "./write-order.ts";

/**
 * One write of a commit: a data-modifying CTE with its own placeholders ($1…). All writes of a commit are joined into one
 * statement, so they take one transaction and one round trip.
 */
export interface Write {
  /** of the CTE, and of the write where another step leaves it out */
  name: WriteName;
  /** the body of the CTE; empty for a write that only checks */
  sql: string;
  params: readonly unknown[];
  /** an expression over the CTEs that raises when the whole statement must be refused */
  check?: string;
}

/**
 * Another writer was faster: `assert_unchanged()` found a changed version, or Postgres reports a serialization failure or
 * a deadlock.
 */
const CONFLICT_CODES: ReadonlySet<unknown> = new Set(["WS409", "40001", "40P01"]);

/** Whether to load and fold again. */
export function isVersionConflict(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && CONFLICT_CODES.has(error.code);
}

/** The version that has changed since a batch was folded, as `assert_unchanged()` names it. */
export type VersionConflict = "cursor" | "registry" | "device" | "subject" | "late window";

/** @returns undefined when the database does not say */
export function conflictOf(error: unknown): VersionConflict | undefined {
  const [, what] = /^version conflict: (.+)$/.exec(error instanceof Error ? error.message : "") ?? [];
  return what as VersionConflict | undefined;
}

const NAMES = new StatementNames("writes");

/** Joins the writes, in the order of write-order.ts, and runs them as one statement. @throws the database's error; see `isVersionConflict` */
export async function runWrites(
  client: Pool | PoolClient,
  writes: readonly Write[],
  names = NAMES,
): Promise<QueryResult | undefined> {
  if (writes.length === 0) return undefined;
  const values: unknown[] = [];
  const ctes: string[] = [];
  const checks: string[] = [];
  for (const { name, sql, params, check } of inWriteOrder(writes)) {
    const offset = values.length;
    const renumber = (text: string) => text.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + offset}`);
    if (sql) ctes.push(`${name} AS (${renumber(sql)})`);
    if (check) checks.push(renumber(check));
    values.push(...params);
  }
  const text = `${ctes.length ? `WITH ${ctes.join(",\n")}\n` : ""}SELECT ${checks.join(",\n") || "1"}`;
  const name = names.nameOf(text);
  return client.query(name === undefined ? { text, values } : { name, text, values });
}
