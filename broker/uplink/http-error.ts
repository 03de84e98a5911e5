import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";

/** A fault of one field of a body: where, as a JSON pointer (RFC 6901), and what is wrong. */
export interface FieldFault {
  pointer: string;
  message: string;
}

/** A request that fails, with the status of its response (RFC 9110 section 15). */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly faults: readonly FieldFault[];

  constructor(
    status: number,
    detail: string,
    headers: Record<string, string> = {},
    faults: readonly FieldFault[] = [],
  ) {
    super(detail);
    this.status = status;
    this.headers = headers;
    this.faults = faults;
  }
}

const TITLES: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  429: "Too Many Requests",
  503: "Service Unavailable",
};

/** Responds with problem details (RFC 9457), with the same members as those of the API. @returns the id of the request */
export function respondWithError(response: ServerResponse, { status, message, headers, faults }: HttpError): string {
  const requestId = randomUUID();
  const problem = { type: "about:blank", title: TITLES[status], status, detail: message, requestId, errors: faults };
  const all = { "Content-Type": "application/problem+json", "X-Request-Id": requestId, ...headers };
  response.writeHead(status, all).end(JSON.stringify(problem));
  return requestId;
}
