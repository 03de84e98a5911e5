import type { ServerResponse } from "node:http";

/** A request that fails, with the status of its response (RFC 9110 section 15). */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
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

/** Responds with problem details (RFC 9457). */
export function respondWithError(response: ServerResponse, { status, message, headers }: HttpError): void {
  const body = JSON.stringify({ type: "about:blank", title: TITLES[status], status, detail: message });
  response.writeHead(status, { "Content-Type": "application/problem+json", ...headers }).end(body);
}
