import { isDeepStrictEqual } from "node:util";
import type { PoolClient } from "pg";
import { changeBetween } from "../../../http/audit/changes.ts";
import type { CrudResource } from "../../../http/crud-routes.ts";
import { Problem } from "../../../http/problem.ts";
import type { Versioned } from "../../../http/response.ts";
import { insertRows, updateRow } from "../../../http/rows.ts";
import { validate } from "../../../http/validate.ts";
import type { ImportRow, RowProblem } from "../../../tables/row.ts";
import { type ImportContext, type ImportedChange, problemsOf, type RowResult } from "./kind.ts";
import { type NameColumn, type NamedRow, resolveNames } from "./names.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A resource whose row is its whole state, as a table. */
export interface MasterData<R extends { id: number }> {
  resource: CrudResource<R>;
  names: readonly NameColumn[];
  /** only the index of a column says that its value is taken: a dry run has to try */
  writesInDryRuns?: true;
  /** what is there, in the order of the rows: one, none, or why that cannot be said */
  find(client: PoolClient, rows: readonly Fields[]): Promise<(Versioned<R> | undefined | RowProblem)[]>;
}

interface Work<R> {
  row: ImportRow;
  existing: Versioned<R> | undefined;
  change: Fields;
}

/** Rows of master data, by few statements for many of them. Each is checked as the API checks it. */
export async function applyMasterData<R extends { id: number }>(
  data: MasterData<R>,
  client: PoolClient,
  rows: readonly ImportRow[],
  context: ImportContext,
): Promise<RowResult[]> {
  const { resource, names } = data;
  // One import of a kind at a time looks for what is missing and adds it: its names need not be unique.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock import'), hashtext($1))", [resource.table]);
  const named = await resolveNames(client, rows, names, (column, name) => context.wouldExist(`${column.noun}:${name}`));
  const readable = named.flatMap(({ problems }, at) => (problems.length === 0 ? [at] : []));
  const found = await data.find(
    client,
    readable.map((at) => named[at]!.fields),
  );
  const results: RowResult[] = named.map(({ problems }) => ({ problems }));
  const work = new Map<number, Work<R>>();
  for (const [index, at] of readable.entries()) {
    const read = readRow(resource, rows[at]!, named[at]!, found[index]);
    if ("problems" in read) results[at] = read;
    else if (read.existing && isSame(read.existing, read.change)) results[at] = { outcome: "unchanged" };
    else work.set(at, read);
  }
  const problems = await checkChanges(client, resource, [...work.values()]);
  for (const [index, at] of [...work.keys()].entries()) {
    const problem = problems[index];
    if (problem === undefined) continue;
    results[at] = { problems: problemsOf(problem) };
    work.delete(at);
  }
  if (!context.isDryRun || data.writesInDryRuns) await write(client, resource, [...work.values()], context);
  for (const [at, { existing }] of work) results[at] = { outcome: existing ? "updated" : "created" };
  return results;
}

function readRow<R extends { id: number }>(
  { schemas }: CrudResource<R>,
  row: ImportRow,
  { fields }: NamedRow,
  found: Versioned<R> | undefined | RowProblem,
): Work<R> | { problems: readonly RowProblem[] } {
  if (found && "message" in found) return { problems: [found] };
  const { id: _, ...rest } = fields;
  try {
    const change = validate(found ? schemas.change : schemas.create, rest, "body") as Fields;
    return { row, existing: found, change };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { problems: problemsOf(error) };
  }
}

/** Whether a change says nothing new. Fields that it leaves out keep their value. */
const isSame = (existing: object, change: Fields): boolean =>
  Object.entries(change).every(([name, value]) =>
    isDeepStrictEqual(plain(value ?? null), plain((existing as Fields)[name] ?? null)),
  );

/** As JSON tells it, without fields that hold nothing. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) =>
      inner === null || inner === undefined ? [] : [[name, plain(inner)]],
    ),
  );
}

async function checkChanges<R extends { id: number }>(
  client: PoolClient,
  resource: CrudResource<R>,
  work: readonly Work<R>[],
): Promise<(Problem | undefined)[]> {
  const changes = work.map(({ existing, change }) => ({ id: existing?.id ?? null, change }));
  if (resource.checkChanges) return resource.checkChanges(client, changes);
  const problems: (Problem | undefined)[] = [];
  for (const { id, change } of changes) {
    try {
      await resource.checkChange?.(client, id, change);
      problems.push(undefined);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push(error);
    }
  }
  return problems;
}

async function write<R extends { id: number }>(
  client: PoolClient,
  resource: CrudResource<R>,
  work: readonly Work<R>[],
  context: ImportContext,
): Promise<void> {
  const { table, columns } = resource;
  const fresh = work.filter(({ existing }) => existing === undefined);
  const ids = await insertRows(
    client,
    table,
    fresh.map(({ change }) => change),
    columns,
  );
  const changes: ImportedChange[] = fresh.map(({ row, change }, at) => ({
    line: row.line,
    subject: `/${table}/${ids[at]}`,
    ...changeBetween(undefined, { id: ids[at], ...change }),
  }));
  for (const { row, existing, change } of work) {
    if (existing === undefined) continue;
    await updateRow(client, table, existing.id, change, columns);
    await resource.afterChange?.(client, existing.id);
    const between = changeBetween(existing, { ...existing, ...change });
    changes.push({ line: row.line, subject: `/${table}/${existing.id}`, ...between });
  }
  await context.audit(client, changes);
}
