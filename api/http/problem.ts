import { HTTPException } from "hono/http-exception";
import { AcquireTimeout, VersionMismatch } from "../../ingest/decisions/record-facts.ts";

/** One thing that is wrong with a request, and where: a JSON pointer (RFC 6901) into body, query or path. */
export interface ProblemDetail {
  pointer: string;
  message: string;
}

const TITLES: Record<number, string> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  412: "Changed since it was read",
  413: "Too large",
  415: "Not JSON",
  422: "Idempotency-Key used for another request",
  429: "Too many requests",
  500: "Internal error",
  503: "Not available at the moment",
};

/** A request that is answered by an error (RFC 9457). Thrown anywhere while it is served. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly ProblemDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    { errors = [], headers = {} }: { errors?: readonly ProblemDetail[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

export const notFound = (noun: string): Problem => new Problem(404, `there is no such ${noun}`);

/** @throws Problem 404 when there is no such row */
export function found<Row>(row: Row | undefined, noun: string): Row {
  if (row === undefined) throw notFound(noun);
  return row;
}

export const invalid = (pointer: string, message: string): Problem =>
  new Problem(400, message, { errors: [{ pointer, message }] });

/** The body of a problem as it is sent. */
export function problemBody(problem: Problem, requestId: string): object {
  return {
    type: `/docs#status-${problem.status}`,
    title: TITLES[problem.status] ?? "Error",
    status: problem.status,
    detail: problem.message,
    requestId,
    errors: problem.errors,
  };
}

/** The answer to whatever was thrown; undefined for a fault of ours, of which the client is told nothing. */
export function problemFrom(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof VersionMismatch) return new Problem(412, error.message);
  if (error instanceof AcquireTimeout) return tooManyChanges();
  if (error instanceof HTTPException) return new Problem(error.status, error.message || "the request was refused");
  return error instanceof Error ? databaseProblem(error) : undefined;
}

interface DatabaseError extends Error {
  code?: string;
  detail?: string;
  constraint?: string;
}

/** Lost or refused connections, by Node's code, by the driver's words, by SQLSTATE class 08, 53 or 57P. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "ETIMEDOUT",
]);
const CONNECTION_WORDS =
  /connection terminated|timeout exceeded when trying to connect|not queryable|server closed the connection|Cannot use a pool after/i;

const tooManyChanges = () =>
  new Problem(503, "too many changes at once; nothing was changed, try again", { headers: { "Retry-After": "1" } });

function databaseProblem(error: DatabaseError): Problem | undefined {
  const { code = "", detail = "" } = error;
  if (CONNECTION_CODES.has(code) || CONNECTION_WORDS.test(error.message) || /^(08|53|57P)/.test(code)) {
    return new Problem(503, "the database cannot be reached; nothing was changed", { headers: { "Retry-After": "2" } });
  }
  // Several attempts lost against other writers (serialisation failure, deadlock, stale fold, statement or lock timeout).
  if (["40001", "40P01", "WS409", "57014", "55P03"].includes(code)) return tooManyChanges();
  if (code === "23505") return new Problem(409, detail || "there is already one", { errors: pointersOf(detail) });
  if (code === "23503") {
    return /is still referenced/.test(detail)
      ? new Problem(409, "it is still in use")
      : new Problem(400, "it refers to something that does not exist", { errors: pointersOf(detail) });
  }
  // Class 22: a value the column's type cannot hold; 23502 and 23514: one its table does not allow.
  if (code.startsWith("22") || code === "23514" || code === "23502") return new Problem(400, error.message);
  return undefined;
}

/** `Key (item_id)=(99) is not present in table "items".` */
function pointersOf(detail: string): ProblemDetail[] {
  const column = /^Key \((?:lower\()?([a-z_]+)/.exec(detail)?.[1];
  return column === undefined ? [] : [{ pointer: `/${column}`, message: detail }];
}
