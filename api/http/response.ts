import { etagOf } from "./etag.ts";
import { nextLink, type Page } from "./paging.ts";

/** What an endpoint answers. */
export interface Reply {
  status: 200 | 201 | 202 | 204;
  /** sent as JSON; absent: no body */
  body?: unknown;
  /** sent as it is, instead of `body`; its type is to be among the headers */
  text?: string;
  headers?: Record<string, string>;
  /** run once the change is committed */
  afterCommit?: () => void;
}

/** A row as queries return it: the resource and the version that is its entity tag. */
export type Stored<Resource> = Resource & { version: number };

/** Answers one resource with its entity tag. */
export function resource(row: { version: number }, status: 200 | 201 = 200): Reply {
  const { version, ...body } = row;
  return { status, body, headers: { ETag: etagOf(version) } };
}

/** Answers a list as a bare array, and where the next page is. */
export function list<R extends object>(page: Page<R>, requestUrl: string): Reply {
  const headers = page.next === undefined ? {} : { Link: nextLink(requestUrl, page.next) };
  return { status: 200, body: page.rows.map(withoutVersion), headers };
}

export function withoutVersion<R extends object>(row: R): Omit<R, "version"> {
  if (!("version" in row)) return row;
  const { version: _, ...body } = row;
  return body;
}

export const nothingToSay: Reply = { status: 204 };
