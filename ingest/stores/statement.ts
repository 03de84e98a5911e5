import type { Pool, PoolClient, QueryResult } from "pg";

/**
 * One part of the statement a batch is committed with. Each part is a data-modifying CTE with placeholders of its own
 * ($1…); together they are one statement, one transaction, one round trip.
 */
export interface Part {
  name: string;
  /** the CTE's body; empty for a part that only checks */
  sql: string;
  params: readonly unknown[];
  /** an expression over the CTEs that raises when the part must not stand, and the whole statement with it */
  check?: string;
}

/**
 * Another writer was faster: what `guard()` raises when something the batch was folded from has changed, and Postgres'
 * own words for it (serialization failure, deadlock detected).
 */
const LOST_RACES: ReadonlySet<unknown> = new Set(["WS409", "40001", "40P01"]);

/** Whether to load and fold again. */
export function isVersionConflict(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && LOST_RACES.has(error.code);
}

/** What a batch was folded from and has changed, in the words of `guard()`. */
export type VersionConflict = "cursor" | "registry" | "device" | "subject" | "late window";

/** What was stale; undefined when the database does not say. */
export function conflictOf(error: unknown): VersionConflict | undefined {
  const [, thing] = /^version conflict: (.+)$/.exec(error instanceof Error ? error.message : "") ?? [];
  return thing as VersionConflict | undefined;
}

const names = new Map<string, string>();

/** Joins the parts and runs them. @throws the database's error; `isStale` tells a lost race from a fault */
export async function runParts(client: Pool | PoolClient, parts: readonly Part[]): Promise<QueryResult | undefined> {
  if (parts.length === 0) return undefined;
  const values: unknown[] = [];
  const ctes: string[] = [];
  const checks: string[] = [];
  for (const part of parts) {
    const offset = values.length;
    const shift = (sql: string) => sql.replace(/\$(\d+)/g, (_, n: string) => `$${Number(n) + offset}`);
    if (part.sql) ctes.push(`${part.name} AS (${shift(part.sql)})`);
    if (part.check) checks.push(shift(part.check));
    values.push(...part.params);
  }
  const text = `${ctes.length ? `WITH ${ctes.join(",\n")}\n` : ""}SELECT ${checks.join(",\n") || "1"}`;
  return client.query({ name: statementName(text), text, values });
}

/** The parts come in few combinations, so each is prepared once per connection. */
function statementName(text: string): string {
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `parts_${names.size}`));
  return name;
}
