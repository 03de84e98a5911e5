import { z } from "@hono/zod-openapi";
import type { Reader } from "../../auth/limits.ts";
import { dayOrInstant, queryId } from "../../http/fields.ts";
import type { Conditions } from "../../http/lists/conditions.ts";
import type { Page } from "../../http/paging.ts";
import { invalid } from "../../http/problem.ts";
import { STAGES } from "../../../ingest/domain/fact.ts";

/** One question that analytics answer: the filters it takes, and its rows, which are the columns of its CSV. */
export interface Report<Query extends z.ZodObject = z.ZodObject> {
  kind: string;
  /** what it answers, in words for people */
  question: string;
  query: Query;
  row: z.ZodObject;
  /** @throws Problem 400 */
  page(db: Reader, query: z.output<Query>, cursor: string | undefined, limit: number): Promise<Page<object>>;
}

/** Filters that most reports take. */
export const filters = {
  stage: z.enum(STAGES).optional(),
  location_id: queryId.optional().describe("this location and everything below it"),
};
export const itemFilter = { item_id: queryId.optional() };
const bound = dayOrInstant.optional();
export const periodFilter = (what: string, days: number) => ({
  from: bound.describe(`${what}, from then on; ${days} days before \`to\` by default`),
  to: bound.describe("exclusive; now by default"),
});

const DAY_MS = 86_400_000;

export interface Period {
  from: Date;
  to: Date;
}

/**
 * @param days how long it is when no beginning is given
 * @throws Problem 400 when it ends before it begins, or is longer than `maxDays`
 */
export function periodOf(
  { from, to }: { from?: Date | undefined; to?: Date | undefined },
  days: number,
  maxDays = Number.POSITIVE_INFINITY,
): Period {
  const until = to ?? new Date();
  const since = from ?? new Date(until.getTime() - days * DAY_MS);
  if (since >= until) throw invalid("/from", "the period is over before it begins: `from` must be before `to`");
  if (until.getTime() - since.getTime() > maxDays * DAY_MS)
    throw invalid("/from", `this covers ${maxDays} days at most`);
  return { from: since, to: until };
}

/**
 * The now of the first page of a report, which the cursor of each later page has: what is told of now is the same on all pages.
 * @param ofFirst undefined: this is the first page
 */
export function nowOf(ofFirst: string | undefined): Date {
  const now = new Date();
  const first = ofFirst === undefined ? now : new Date(ofFirst);
  return first < now ? first : now;
}

/** A location and all that lies below it, of those that may be seen. */
export function whereWithin(conditions: Conditions, column: string, locationId: number | undefined): Conditions {
  return conditions.where(
    `${column} IN (WITH RECURSIVE within AS (SELECT id FROM locations WHERE id = ? UNION
      SELECT l.id FROM locations l JOIN within w ON l.parent_id = w.id) SELECT id FROM within)`,
    locationId,
  );
}

/** SQL: the hours of an interval. */
export const hoursOf = (interval: string): string => `extract(epoch FROM ${interval})::float8 / 3600`;

export const rounded = (value: number, digits = 3): number => Math.round(value * 10 ** digits) / 10 ** digits;
export const roundedOrNull = (value: number | null | undefined, digits = 3): number | null =>
  value === null || value === undefined ? null : rounded(value, digits);

/** Of a part and a whole; null: of nothing there is no share. */
export const percentOf = (part: number, whole: number): number | null =>
  whole === 0 ? null : rounded((100 * part) / whole, 1);

/** Up to when hourly sums hold all that happened: the worker is a second or two behind. */
export async function sumsAsOf(db: Reader, table: "place_hours_due" | "stock_hours_due"): Promise<Date> {
  const { rows } = await db.query<{ as_of: Date }>(
    `SELECT coalesce((SELECT since FROM ${table} ORDER BY id LIMIT 1), now()) AS as_of`,
  );
  return rows[0]!.as_of;
}
