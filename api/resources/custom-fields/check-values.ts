import type { PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import type { CrudResource, RowChange } from "../../http/crud-routes.ts";
import { Problem, type ProblemDetail } from "../../http/problem.ts";
import { CUSTOM_COLUMNS, type CustomFilter, customFilters } from "./fields.ts";
import { fieldsOf, lockFieldsOf } from "./queries.ts";
import type { CustomField } from "./schema.ts";
import { NOUNS, type Thing } from "./things.ts";

type Values = Readonly<Record<string, unknown>>;

/** A day such as `2026-11-21` that the calendar has. */
function isDay(value: unknown): boolean {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const ms = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value);
}

/** What is wrong with a value of a field, in words; undefined: nothing. */
function problemOf({ type, unit, choices }: CustomField, value: unknown): string | undefined {
  switch (type) {
    case "text":
      return typeof value === "string" ? undefined : "expected a text";
    case "number":
      return typeof value === "number" ? undefined : `expected a number${unit === null ? "" : ` of ${unit}`}`;
    case "date":
      return isDay(value) ? undefined : "expected a day such as 2026-11-21";
    case "boolean":
      return typeof value === "boolean" ? undefined : "expected true or false";
    case "choice":
      return choices.includes(value as string) ? undefined : `expected one of ${choices.join(", ")}`;
  }
}

function unknownField(thing: Thing, fields: readonly CustomField[]): string {
  const names = fields.map(({ name }) => name).join(", ");
  return `a ${NOUNS[thing]} has no such field; ${names === "" ? "an administrator can add it" : `it has ${names}`}`;
}

/** Every mistake in the values of a thing, by the name of the field. */
function mistakesIn(thing: Thing, fields: readonly CustomField[], values: Values): ProblemDetail[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const field = fields.find((each) => each.name === name);
    const message = field === undefined ? unknownField(thing, fields) : problemOf(field, value);
    return message === undefined ? [] : [{ pointer: `/attributes/${name}`, message }];
  });
}

const missingIn = (fields: readonly CustomField[], values: Values): ProblemDetail[] =>
  fields
    .filter(({ name, required }) => required && values[name] === undefined)
    .map(({ name, label }) => ({ pointer: `/attributes/${name}`, message: `a value is needed: ${label}` }));

const refusal = (errors: readonly ProblemDetail[], where: string): Problem =>
  new Problem(400, `invalid ${where}: ${errors[0]!.pointer.slice(1)}: ${errors[0]!.message}`, { errors });

/** What the custom fields say against each of these changes. */
async function checkAll(
  client: PoolClient,
  thing: Thing,
  changes: readonly RowChange[],
): Promise<(Problem | undefined)[]> {
  const isConcerned = ({ id, change }: RowChange) => id === null || change["attributes"] !== undefined;
  if (!changes.some(isConcerned)) return changes.map(() => undefined);
  const isGiven = changes.some(({ change }) => Object.keys(change["attributes"] ?? {}).length > 0);
  const fields = isGiven ? await lockFieldsOf(client, thing) : await fieldsOf(client, thing);
  return changes.map((each) => {
    if (!isConcerned(each)) return undefined;
    const values = (each.change["attributes"] ?? {}) as Values;
    const errors = [...mistakesIn(thing, fields, values), ...missingIn(fields, values)];
    return errors.length === 0 ? undefined : refusal(errors, "body");
  });
}

/**
 * Checks the attributes of a change, or of something new, by the custom fields of its kind.
 * @throws Problem 400 naming every mistake
 */
export async function assertCustomValues(client: PoolClient, thing: Thing, change: RowChange): Promise<void> {
  const [problem] = await checkAll(client, thing, [change]);
  if (problem) throw problem;
}

/** Checks that a list is filtered by fields that there are, and by values that they can have. @throws Problem 400 */
export async function assertCustomFilter(db: Reader, thing: Thing, { attributes }: CustomFilter): Promise<void> {
  if (attributes === undefined) return;
  const errors = mistakesIn(thing, await fieldsOf(db, thing), attributes);
  if (errors.length > 0) throw refusal(errors, "query");
}

/** The resource with custom fields and tags; its schemas must have `customInput` and `customOutput`, its list `whereCustom`. */
export function withCustomFields<R extends { id: number }>(
  resource: CrudResource<R> & { table: Exclude<CrudResource<R>["table"], "drivers"> },
): CrudResource<R> {
  const { table, columns, filters } = resource;
  return {
    ...resource,
    columns: [...columns, ...CUSTOM_COLUMNS],
    filters: { ...filters, ...customFilters },
    async checkChange(client, id, change) {
      await assertCustomValues(client, table, { id, change });
      await resource.checkChange?.(client, id, change);
    },
    ...(resource.checkChanges && {
      async checkChanges(client: PoolClient, changes: readonly RowChange[]) {
        const problems = await checkAll(client, table, changes);
        const others = await resource.checkChanges?.(client, changes);
        return problems.map((problem, at) => problem ?? others?.[at]);
      },
    }),
    async list(db, filter, role) {
      await assertCustomFilter(db, table, filter.filters);
      return resource.list(db, filter, role);
    },
  };
}
