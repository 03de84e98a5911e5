import { z } from "zod";
import { invalid } from "./problem.ts";

/** Parameters every list takes; to be spread into a query schema. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("rows in one answer"),
  cursor: z.string().max(512).optional().describe('from `Link: rel="next"` of the answer before'),
};

export type CursorKey = string | number;

/** An opaque name for the place after a row; clients only hand it back. */
export const encodeCursor = (key: readonly CursorKey[]): string =>
  Buffer.from(JSON.stringify(key), "utf8").toString("base64url");

/** Reads a cursor whose parts have these schemas. @throws Problem 400 when it is none of ours */
export function decodeCursor<S extends z.ZodType>(cursor: string | undefined, schema: S): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    throw invalid("/cursor", "not a cursor of this list");
  }
}

const idCursor = z.tuple([z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)]);

/** The id after which a list by id goes on; undefined for its start. */
export const idAfter = (cursor: string | undefined): number | undefined => decodeCursor(cursor, idCursor)?.[0];

/** A page of rows: `rows` were asked for with `limit + 1`, so one more tells that there is a next page. */
export interface Page<Row> {
  rows: Row[];
  next: string | undefined;
}

export function pageOf<Row>(rows: Row[], limit: number, keyOf: (last: Row) => readonly CursorKey[]): Page<Row> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { rows: shown, next: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : undefined };
}

/** A page of a list that is sorted by id. */
export const pageById = <Row extends { id: number | string }>(rows: Row[], limit: number): Page<Row> =>
  pageOf(rows, limit, ({ id }) => [id]);

/** `Link` to the next page (RFC 8288): the same request with another cursor. */
export function nextLink(requestUrl: string, cursor: string): string {
  const { pathname, searchParams } = new URL(requestUrl);
  searchParams.set("cursor", cursor);
  return `<${pathname}?${searchParams.toString()}>; rel="next"`;
}
