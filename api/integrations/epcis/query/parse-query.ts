import { epcisProblem } from "../problem.ts";
import type { Json } from "../json.ts";
import { type Prefixes, prefixesOf } from "../vocabulary/context.ts";
import type { Condition, EventQuery, Order } from "./condition.ts";
import { Given } from "./given.ts";
import { conditionOf } from "./parameters.ts";
import { fieldPath } from "./paths.ts";

/** Parameters that a query may have: it becomes one statement. */
const MAX_PARAMETERS = 100;
const MAX_COUNT = 1_000_000_000;

/** The parameters of a query, as `POST /epcis/queries` takes them. */
export type QueryParameters = Readonly<Record<string, unknown>>;

/** Those that say how to answer, not what to find. */
const CONTROLS = ["orderBy", "orderDirection", "eventCountLimit", "maxEventCount"];

/** @throws Problem 400 `QueryParameterException` for a parameter that is unknown, or has a wrong value */
export function queryOfJson({ "@context": context, ...parameters }: QueryParameters): EventQuery {
  const given = Object.entries(parameters).map(([name, value]) => Given.inJson(name, value));
  return parse(given, prefixesOf(context as Json | undefined));
}

/** The same of the parameters of an address. @param extensions the header `GS1-Extensions` */
export function queryOfAddress(
  parameters: Readonly<Record<string, readonly string[]>>,
  extensions: string | undefined,
): EventQuery {
  const given = Object.entries(parameters).map(([name, texts]) => Given.inAddress(name, texts));
  return parse(given, prefixesOf(contextOf(extensions)));
}

/** `example=http://ns.example.com/epcis/, …` as a context. */
export const contextOf = (extensions: string | undefined): Record<string, string> =>
  Object.fromEntries(
    (extensions ?? "").split(",").flatMap((part) => {
      const [, prefix, address] = /^\s*([A-Za-z][\w.+-]*)\s*=\s*(\S+)\s*$/.exec(part) ?? [];
      return prefix === undefined || address === undefined ? [] : [[prefix, address]];
    }),
  );

function parse(all: readonly Given[], prefixes: Prefixes): EventQuery {
  if (all.length > MAX_PARAMETERS)
    throw epcisProblem(413, "QueryTooComplexException", `a query may have ${MAX_PARAMETERS} parameters`);
  const controls = new Map(all.filter(({ name }) => CONTROLS.includes(name)).map((given) => [given.name, given]));
  const conditions = all
    .filter(({ name }) => !CONTROLS.includes(name))
    .map((given): Condition => {
      const condition = conditionOf(given, prefixes);
      if (condition === undefined) throw given.wrong(`there is no query parameter ${given.name}`);
      return condition;
    });
  const limit = controls.get("eventCountLimit")?.wholeNumber(1, MAX_COUNT);
  const maximum = controls.get("maxEventCount");
  if (limit !== undefined && maximum !== undefined)
    throw maximum.wrong("eventCountLimit and maxEventCount exclude each other");
  const order = orderOf(controls.get("orderBy"), controls.get("orderDirection"), prefixes);
  if (limit !== undefined && order === undefined)
    throw controls.get("eventCountLimit")!.wrong("eventCountLimit: which are the first is said by orderBy");
  return {
    conditions,
    order,
    eventCountLimit: limit,
    maxEventCount: maximum?.wholeNumber(1, MAX_COUNT),
  };
}

/** Descending unless the query says otherwise (EPCIS 2.0 §8.2.7.1). */
function orderOf(by: Given | undefined, direction: Given | undefined, prefixes: Prefixes): Order | undefined {
  const chosen = direction?.choice(["ASC", "DESC"]);
  if (by === undefined) {
    if (direction !== undefined) throw direction.wrong("orderDirection: there is no orderBy");
    return undefined;
  }
  const [name = "", ...more] = by.texts();
  if (more.length > 0) throw by.wrong("orderBy: expected one field");
  const descending = chosen !== "ASC";
  if (name === "eventTime" || name === "recordTime") return { by: name, descending };
  if (!/^[A-Za-z][\w.+-]*:\S+$/.test(name))
    throw by.wrong("orderBy: expected eventTime, recordTime, or a field with a prefix, such as example:field");
  return { by: { path: fieldPath("", name, false, prefixes) }, descending };
}
