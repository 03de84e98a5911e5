import type { Conditions } from "../../../http/lists/conditions.ts";
import { microsecondsOf } from "../../../http/lists/times.ts";
import type { Order } from "./condition.ts";
import { conditionsOf, TIMES } from "./condition-sql.ts";
import type { PageKey } from "./page-token.ts";
import type { PreparedQuery } from "./prepare.ts";

/** Which events: those after a position and up to one, or those of a page. */
export interface Window {
  /** the order's key of the last one before */
  after?: PageKey | undefined;
  /** of positions */
  from?: number | undefined;
  to?: number | undefined;
  limit: number;
}

/** What an order goes by, and the key of an event in it. */
interface Sorting {
  by: string;
  /** SQL: `by` in a key, and as it comes back from one */
  key: string;
  cast: string;
  direction: "ASC" | "DESC";
}

/** The statement that finds events; each row has the key of its event in the order. */
export function eventStatement(query: PreparedQuery, { after, from, to, limit }: Window) {
  const conditions = conditionsOf(query);
  conditions.where("e.position > ?", from).where("e.position <= ?", to);
  const sorting = sortingOf(query.order, conditions);
  if (sorting === undefined) {
    conditions.where("e.position > ?::bigint", after?.[0]);
  } else if (after !== undefined) {
    const [value, position] = after.map((part) => conditions.parameter(part));
    const than = sorting.direction === "ASC" ? ">" : "<";
    conditions.is(`(${sorting.by}, e.position) ${than} (${value}::${sorting.cast}, ${position}::bigint)`, true);
  }
  const { by, key, direction } = sorting ?? { by: "", key: "NULL", direction: "ASC" };
  const order = `${by === "" ? "" : `${by} ${direction}, `}e.position ${direction}`;
  const count = conditions.parameter(limit);
  return {
    text: `SELECT e.position::float8, e.event_id AS "eventId", e.body, e.context, e.record_time AS "recordTime", ${key} AS key
      FROM epcis_events e ${conditions.sql} ORDER BY ${order} LIMIT ${count}`,
    values: conditions.values,
  };
}

/** The statement that counts events, up to a number. */
export function countStatement(query: PreparedQuery, upTo: number) {
  const conditions = conditionsOf(query);
  const count = conditions.parameter(upTo);
  return {
    text: `SELECT count(*)::float8 AS count FROM (SELECT FROM epcis_events e ${conditions.sql} LIMIT ${count}) AS found`,
    values: conditions.values,
  };
}

function sortingOf(order: Order | undefined, conditions: Conditions): Sorting | undefined {
  if (order === undefined) return undefined;
  const direction = order.descending ? "DESC" : "ASC";
  if (typeof order.by === "string") {
    const by = TIMES[order.by];
    return { by, key: microsecondsOf(by), cast: "timestamptz", direction };
  }
  const path = conditions.parameter(order.by.path);
  const by = `coalesce(jsonb_path_query_first(e.canonical, ${path}::jsonpath, '{}', true), 'null')`;
  return { by, key: `(${by})::text`, cast: "jsonb", direction };
}
