import { etagOf } from "./etag.ts";
import { nextLink, type Page } from "./paging.ts";

/** The response of an endpoint, before it is written. */
export interface ApiResponse {
  status: 200 | 201 | 202 | 204;
  /** sent as JSON; absent: no body */
  body?: unknown;
  /** sent as it is, instead of `body`; `headers` must then hold its Content-Type */
  text?: string;
  /** like `text`, of a format that is no text */
  bytes?: Uint8Array;
  headers?: Record<string, string>;
  /** parts of it change without its entity tag: it is sent to who has it already, too */
  isLive?: boolean;
  /** of an endpoint that `showsSecret`: what was made, without the secret, for the audit */
  made?: object;
  /** of an endpoint that `showsSecret`: this answer holds none, and may be repeated */
  holdsNoSecret?: true;
  /** runs once the transaction is committed */
  afterCommit?: () => void;
}

/** A row as queries return it: the resource, and the row version that becomes its entity tag. */
export type Versioned<Resource> = Resource & { version: number };

/** One resource with its entity tag. */
export function ok(row: { version: number }, status: 200 | 201 = 200): ApiResponse {
  return { status, body: withoutVersion(row), headers: { ETag: etagOf(row.version) } };
}

/** The same of a resource that shows what other rows say now, or a use that is noted without its version: the entity tag is for If-Match alone. */
export const okLive = (row: { version: number }): ApiResponse => ({ ...ok(row), isLive: true });

/** 201 with the new resource, its entity tag and its address. */
export function created(row: { version: number; id: number | string }, requestUrl: string): ApiResponse {
  const { headers, ...response } = ok(row, 201);
  return { ...response, headers: { ...headers, Location: locationOf(requestUrl, row.id) } };
}

/** The address of a resource that was added by a POST to `requestUrl` (RFC 9110 §10.2.2). */
export const locationOf = (requestUrl: string, id: number | string): string =>
  `${new URL(requestUrl).pathname}/${encodeURIComponent(id)}`;

/** 200 with a page of resources as a bare array, and the address of the next page. */
export function list<R extends object>(page: Page<R>, requestUrl: string): ApiResponse {
  const headers = page.next === undefined ? {} : { Link: nextLink(requestUrl, page.next) };
  return { status: 200, body: page.rows.map(withoutVersion), headers };
}

export const noContent: ApiResponse = { status: 204 };

export function withoutVersion<R extends object>(row: R): Omit<R, "version"> {
  if (!("version" in row)) return row;
  const { version: _, ...body } = row;
  return body;
}
