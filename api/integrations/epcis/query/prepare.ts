import type { PoolClient } from "pg";
import type { Reader } from "../../../auth/limits.ts";
import { epcisProblem } from "../problem.ts";
import { findPlaces } from "../repository/places.ts";
import { CLASS_ROLES, type Condition, type EventQuery, type PlaceField, type Role } from "./condition.ts";
import { type Matcher, matcherOf } from "./match-pattern.ts";

/*
 * What must be known of the repository before a query becomes one statement: which places lie below others, and what fits a pattern.
 */

/** A condition that is one of SQL as it stands. */
export type PreparedCondition =
  | Exclude<Condition, { ask: "within" } | { ask: "match" }>
  | { ask: "field"; field: PlaceField; values: readonly string[] }
  /** `anyOf`: what they name, found by an index; `like`: patterns that so much fits that it is not listed */
  | { ask: "named"; roles: readonly Role[]; anyOf: readonly string[]; like: readonly string[] };

export interface PreparedQuery extends Omit<EventQuery, "conditions"> {
  conditions: readonly PreparedCondition[];
}

/** Patterns with `*` in a query: each is looked up. */
const MAX_WILDCARDS = 20;
/** What fits a pattern is listed up to so many; of more, events are found as fast by trying each. */
const MAX_LISTED = 5_000;
/** Places that events name, for WD. */
const MAX_PLACES = 20_000;

/** @throws Problem 413 with too many patterns */
export async function prepareQuery(db: Reader, query: EventQuery): Promise<PreparedQuery> {
  const conditions: PreparedCondition[] = [];
  for (const condition of query.conditions) {
    if (condition.ask === "within") conditions.push(await placesWithin(db, condition.field, condition.values));
    else if (condition.ask === "match") conditions.push(await whatFits(db, condition.roles, condition.patterns));
    else conditions.push(condition);
  }
  return { ...query, conditions };
}

async function whatFits(db: Reader, roles: readonly Role[], patterns: readonly string[]): Promise<PreparedCondition> {
  const matchers = patterns.map(matcherOf);
  const wildcards = matchers.flatMap(({ like }) => like);
  if (wildcards.length > MAX_WILDCARDS)
    throw epcisProblem(413, "QueryTooComplexException", `a query may have ${MAX_WILDCARDS} patterns with *`);
  const kind = CLASS_ROLES.some((role) => roles.includes(role)) ? "class" : "epc";
  const anyOf = new Set(matchers.flatMap(({ equal }: Matcher) => equal));
  const like: string[] = [];
  for (const pattern of wildcards) {
    const values = await listFitting(db, kind, pattern);
    if (values.length > MAX_LISTED) like.push(pattern);
    else for (const value of values) anyOf.add(value);
  }
  return { ask: "named", roles, anyOf: [...anyOf], like };
}

async function listFitting(db: Reader, kind: "epc" | "class", pattern: string): Promise<string[]> {
  const start = /^(?:[^%_\\]|\\.)*/.exec(pattern)![0].replaceAll(/\\(.)/g, "$1");
  const { rows } = await db.query<{ value: string }>(
    `SELECT DISTINCT value FROM public.epcis_terms
     WHERE kind = $1 AND value >= $2 AND value < $3 AND value LIKE $4 LIMIT $5`,
    // In byte order all that begins with a text lies before the text followed by the last character.
    [kind, start, `${start}\u{10FFFF}`, pattern, MAX_LISTED + 1],
  );
  return rows.map(({ value }) => value);
}

/** Places that events name and that are one of these, or lie within one by the tree of locations. */
async function placesWithin(db: Reader, field: PlaceField, values: readonly string[]): Promise<PreparedCondition> {
  const { rows } = await db.query<{ value: string }>(
    "SELECT DISTINCT value FROM public.epcis_terms WHERE kind = $1 LIMIT $2",
    [field, MAX_PLACES],
  );
  const known = rows.map(({ value }) => value);
  const all = [...values, ...known];
  const ids = await findPlaces(
    db as PoolClient,
    all.map((bizLocation) => ({ bizLocation, readPoint: null })),
  );
  const below = await locationsBelow(
    db,
    ids.slice(0, values.length).filter((id) => id !== null),
  );
  const within = known.filter((address, at) => {
    const id = ids[values.length + at];
    // A part of a place that has a number is the number with an extension.
    return (typeof id === "number" && below.has(id)) || values.some((value) => address.startsWith(`${value}/254/`));
  });
  return { ask: "field", field, values: [...new Set([...values, ...within])] };
}

async function locationsBelow(db: Reader, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const { rows } = await db.query<{ id: number }>(
    `WITH RECURSIVE below AS (
      SELECT id FROM public.locations WHERE id = ANY ($1::int[])
      UNION SELECT l.id FROM public.locations l JOIN below ON l.parent_id = below.id
    ) SELECT id FROM below`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
