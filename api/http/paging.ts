import { z } from "@hono/zod-openapi";
import { invalid } from "./problem.ts";

const parametersOf = (maximum: number, byDefault: number) => ({
  limit: z
    .string()
    .regex(/^\d{1,10}$/, "expected digits")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= maximum, { message: `expected 1 to ${maximum}` })
    .openapi({ type: "integer", minimum: 1, maximum, default: byDefault })
    .default(byDefault)
    .describe("rows per page"),
  cursor: z.string().max(512).optional().describe('from `Link: rel="next"` of the page before'),
});

/** Query parameters of every list; spread them into its query schema. */
export const pageParameters = parametersOf(200, 50);

/** Those of a list that belongs to one resource, such as its history. What one usually has comes whole. */
export const wholeListParameters = parametersOf(1000, 1000);

export type CursorKey = string | number;

/** Encodes the sort key of a page's last row. Opaque to clients, which only send it back. */
export const encodeCursor = (key: readonly CursorKey[]): string =>
  Buffer.from(JSON.stringify(key), "utf8").toString("base64url");

/** Decodes a cursor and validates it. @throws Problem 400 when it is not a cursor of this list */
export function decodeCursor<S extends z.ZodType>(cursor: string | undefined, schema: S): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw invalid("/cursor", "not a cursor of this list");
  }
}

const idCursor = z.tuple([z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)]);

/** The id after which the page of a list by id begins; undefined for the first page. */
export const idAfter = (cursor: string | undefined): number | undefined => decodeCursor(cursor, idCursor)?.[0];

/** One page; `next` is the cursor of the next one, undefined on the last page. */
export interface Page<Row> {
  rows: Row[];
  next: string | undefined;
}

/** Makes a page of rows that were queried with `limit + 1`: the extra row shows that there is a next page. */
export function pageOf<Row>(rows: Row[], limit: number, keyOf: (last: Row) => readonly CursorKey[]): Page<Row> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, next: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : undefined };
}

/** A page of a list that is sorted by id. */
export const pageById = <Row extends { id: number | string }>(rows: Row[], limit: number): Page<Row> =>
  pageOf(rows, limit, ({ id }) => [id]);

/** `Link` header to the next page (RFC 8288): the same request with another cursor. */
export function nextLink(requestUrl: string, cursor: string): string {
  const { pathname, searchParams } = new URL(requestUrl);
  searchParams.set("cursor", cursor);
  return `<${pathname}?${searchParams.toString()}>; rel="next"`;
}
