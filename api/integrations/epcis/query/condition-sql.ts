import { Conditions } from "../../../http/lists/conditions.ts";
import type { Comparison, Field, ListField, Role, TimeField, Value } from "./condition.ts";
import type { PreparedCondition, PreparedQuery } from "./prepare.ts";

const FIELDS: Readonly<Record<Field, string>> = {
  type: "e.type",
  action: "e.action",
  bizStep: "e.biz_step",
  disposition: "e.disposition",
  readPoint: "e.read_point",
  bizLocation: "e.biz_location",
  eventID: "e.event_id",
  transformationID: "e.transformation_id",
  errorReason: "e.error_reason",
};
const LISTS: Readonly<Record<ListField, string>> = {
  setDispositions: "e.set_dispositions",
  unsetDispositions: "e.unset_dispositions",
  bizTransactions: "e.biz_transactions",
  sources: "e.sources",
  destinations: "e.destinations",
  correctiveIds: "e.corrective_ids",
};
export const TIMES: Readonly<Record<TimeField, string>> = {
  eventTime: "e.event_time",
  recordTime: "e.record_time",
  errorDeclarationTime: "e.error_declared_at",
};
/** By role; `parent_id` is one text, all others are lists. */
const ROLES: Readonly<Record<Role, string>> = {
  epc: "e.epcs",
  parent: "ARRAY[e.parent_id]",
  input: "e.input_epcs",
  output: "e.output_epcs",
  class: "e.epc_classes",
  inputClass: "e.input_classes",
  outputClass: "e.output_classes",
};
const OPERATORS: Readonly<Record<Comparison, string>> = { EQ: "=", GT: ">", GE: ">=", LT: "<", LE: "<=" };

/** The conditions of a query as SQL, about an event `e`. */
export function conditionsOf({ conditions: asked }: PreparedQuery): Conditions {
  const conditions = new Conditions();
  for (const condition of asked) conditions.is(sqlOf(condition, conditions), true);
  return conditions;
}

function sqlOf(condition: PreparedCondition, conditions: Conditions): string {
  const parameter = (value: unknown): string => conditions.parameter(value);
  switch (condition.ask) {
    case "field": {
      const [value, ...more] = condition.values;
      const column = FIELDS[condition.field];
      // By one value the index has events in their order, too.
      return more.length === 0
        ? `${column} = ${parameter(value)}`
        : `${column} = ANY (${parameter(condition.values)}::text[])`;
    }
    case "list":
      return `${LISTS[condition.field]} && ${parameter(condition.values)}::text[]`;
    case "time":
      return `${TIMES[condition.field]} ${OPERATORS[condition.comparison]} ${parameter(condition.at)}::timestamptz`;
    case "declared":
      return "e.error_declared_at IS NOT NULL";
    case "named":
      return namedSql(condition, parameter);
    case "value": {
      const test = testOf(condition.comparison, condition.values);
      return anyOf(condition.paths.map((path) => `e.canonical @? ${parameter(`${path} ? (${test})`)}::jsonpath`));
    }
    case "any":
      return anyOf(condition.of.map((each) => sqlOf(each, conditions)));
    case "exists":
      return anyOf(condition.paths.map((path) => `e.canonical @? ${parameter(path)}::jsonpath`));
    case "moment": {
      const at = parameter(condition.at);
      const operator = OPERATORS[condition.comparison];
      return anyOf(
        condition.paths.map(
          (path) => `EXISTS (SELECT FROM jsonb_path_query(e.canonical, ${parameter(path)}::jsonpath, '{}', true) AS v
            WHERE epcis_moment(v #>> '{}') ${operator} ${at}::timestamptz)`,
        ),
      );
    }
  }
}

const anyOf = (conditions: readonly string[]): string => `(${conditions.join(" OR ")})`;

function namedSql(
  { roles, anyOf: values, like }: PreparedCondition & { ask: "named" },
  parameter: (value: unknown) => string,
): string {
  const isClass = roles.some((role) => role.toLowerCase().endsWith("class"));
  const all = isClass ? "e.any_classes" : "e.any_epcs";
  const lists = roles.length === (isClass ? 3 : 4) ? [all] : roles.map((role) => ROLES[role]);
  const named = parameter(values);
  if (like.length === 0) {
    // The index is of all lists together.
    const inLists = lists.map((list) => `${list} && ${named}::text[]`);
    return lists[0] === all ? inLists[0]! : `${all} && ${named}::text[] AND ${anyOf(inLists)}`;
  }
  const patterns = parameter(like);
  return anyOf(
    lists.map(
      (list) =>
        `EXISTS (SELECT FROM unnest(${list}) AS name WHERE name = ANY (${named}::text[]) OR name LIKE ANY (${patterns}::text[]))`,
    ),
  );
}

/** A test of a path's value. Numbers that are written as texts are compared as numbers. */
function testOf(comparison: Comparison, values: readonly Value[]): string {
  if (comparison === "EQ") return values.map((value) => `@ == ${JSON.stringify(value)}`).join(" || ");
  return `@.double() ${OPERATORS[comparison]} ${JSON.stringify(values[0])}`;
}
