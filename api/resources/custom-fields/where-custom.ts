import type { Conditions } from "../../http/lists/conditions.ts";
import type { CustomFilter } from "./fields.ts";
import type { Thing } from "./things.ts";

/**
 * Adds the conditions of `customFilters` to those of a list. The ids of each value lie in order in the index of `custom_values`, so a
 * page that is sorted by id reads them from where the last one ended.
 * @param idColumn as the statement names it
 * @param after the id after which the page begins, if it is sorted by id
 */
export function whereCustom(
  conditions: Conditions,
  thing: Thing,
  { tags = [], attributes = {} }: CustomFilter,
  { idColumn = "id", after }: { idColumn?: string; after?: number | undefined } = {},
): Conditions {
  // A parameter that no condition names would be of no type.
  if (tags.length + Object.keys(attributes).length === 0) return conditions;
  const beyond = after === undefined ? "" : ` AND v.id > ${conditions.parameter(after)}::integer`;
  const having = (field: string, value: string) =>
    `${idColumn} IN (SELECT v.id FROM custom_values v WHERE v.thing = '${thing}' AND v.field = ${field} AND v.value = ${value}${beyond})`;
  for (const tag of tags) conditions.where(having("''", "?"), tag);
  for (const [name, value] of Object.entries(attributes)) {
    conditions.where(having(conditions.parameter(name), "(?::jsonb #>> '{}')"), JSON.stringify(value));
  }
  return conditions;
}
