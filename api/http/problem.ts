import { HTTPException } from "hono/http-exception";
import { AcquireTimeout, VersionMismatch } from "../../ingest/decisions/record-facts.ts";

/** One mistake in a request; `pointer` is a JSON pointer (RFC 6901) into its body, query or path. */
export interface ProblemDetail {
  pointer: string;
  message: string;
}

const TITLES: Record<number, string> = {
  400: "Bad request",
  401: "Not authenticated",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  409: "Conflict",
  412: "Precondition failed",
  413: "Content too large",
  415: "Unsupported media type",
  422: "Idempotency-Key reused",
  429: "Too many requests",
  500: "Internal error",
  503: "Service unavailable",
};

interface ProblemOptions {
  errors?: readonly ProblemDetail[];
  headers?: Record<string, string>;
  type?: string;
}

/** Throw it to answer a request with an error (RFC 9457). `detail` is shown to the client. */
export class Problem extends Error {
  readonly status: number;
  /** what programs tell it by, beside the status; an anchor of the page /docs, or a name of another standard, which has a colon */
  readonly type: string;
  readonly errors: readonly ProblemDetail[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    { errors = [], headers = {}, type = `status-${status}` }: ProblemOptions = {},
  ) {
    super(detail);
    this.status = status;
    this.type = type;
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

/** The field at `pointer` refers to a resource that does not exist. */
export const unknownReference = (pointer: string, noun: string): Problem =>
  invalid(pointer, `there is no ${noun} with this id`);

/** A status that cannot follow the one of today. */
export const refusedStatus = (pointer: string, message: string, allowed: readonly string[]): Problem => {
  const detail = `${message}; allowed: ${allowed.length === 0 ? "none" : allowed.join(", ")}`;
  return new Problem(409, detail, { errors: [{ pointer, message: detail }] });
};

export const invalid = (pointer: string, message: string): Problem =>
  new Problem(400, message, { errors: [{ pointer, message }] });

/** The JSON body of a problem. */
export function problemBody(problem: Problem, type: string, requestId: string): object {
  return {
    type,
    title: TITLES[problem.status] ?? "Error",
    status: problem.status,
    detail: problem.message,
    requestId,
    errors: problem.errors,
  };
}

/** Translates a thrown error. @returns undefined for a fault of the server, of which the client learns nothing */
export function problemFrom(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof VersionMismatch) return new Problem(412, error.message);
  if (error instanceof AcquireTimeout) return tooManyChanges();
  if (error instanceof HTTPException) return new Problem(error.status, error.message || "invalid request");
  return error instanceof Error ? databaseProblem(error) : undefined;
}

interface DatabaseError extends Error {
  code?: string;
  detail?: string;
  column?: string;
}

/** Signs of a lost or refused connection: Node's error codes, the driver's messages, SQLSTATE classes 08, 53 and 57P. */
const CONNECTION_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "ETIMEDOUT",
]);
const CONNECTION_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|not queryable|server closed the connection|Cannot use a pool after/i;
/** The driver's message for a statement whose answer did not come in time. */
const UNANSWERED = /query read timeout/i;

const tooManyChanges = () =>
  new Problem(503, "too many changes at once; nothing was changed, try again", { headers: { "Retry-After": "1" } });

function databaseProblem(error: DatabaseError): Problem | undefined {
  const { code = "", detail = "" } = error;
  if (code === "53100") {
    return new Problem(503, "the database's disk is full; nothing was changed", { headers: { "Retry-After": "30" } });
  }
  if (UNANSWERED.test(error.message)) {
    const detail = "the database did not answer in time; send the same request again";
    return new Problem(503, detail, { headers: { "Retry-After": "2" } });
  }
  if (CONNECTION_CODES.has(code) || CONNECTION_MESSAGES.test(error.message) || /^(08|53|57P)/.test(code)) {
    // A connection that is lost during COMMIT leaves the outcome open.
    const detail =
      "the database cannot be reached; a change may have been made or not: repeat the request with the same Idempotency-Key";
    return new Problem(503, detail, { headers: { "Retry-After": "2" } });
  }
  // All retries lost: serialization failure, deadlock, version conflict (WS409), statement or lock timeout.
  if (["40001", "40P01", "WS409", "57014", "55P03"].includes(code)) return tooManyChanges();
  // An exclusion constraint, such as of two trips of one vehicle that were planned at the same moment.
  if (code === "23P01")
    return new Problem(
      409,
      "it overlaps an entry created at the same time, such as another trip of the vehicle; nothing was changed",
    );
  if (code === "23505") return aboutKey(409, detail, "another resource has this value already");
  if (code === "23503") {
    return /is still referenced/.test(detail)
      ? new Problem(409, "other resources still refer to it")
      : aboutKey(400, detail, "nothing with this id exists");
  }
  if (code === "23502" && error.column !== undefined) return invalid(`/${error.column}`, "a value is needed");
  // The view that a principal with limits writes through would not show the row (auth/limits.ts).
  if (code === "44000") {
    return new Problem(
      400,
      "it would be outside of the locations or owners that you are limited to; nothing was changed",
    );
  }
  // A migration makes the views for principals with limits anew.
  if (code === "3F000") {
    return new Problem(503, "the database is being brought up to date", { headers: { "Retry-After": "2" } });
  }
  // Class 22: the value does not fit the column's type; 23502 and 23514: NOT NULL or a CHECK forbids it.
  if (code.startsWith("22") || code === "23514" || code === "23502") {
    return new Problem(400, "a value is outside of what can be stored; nothing was changed");
  }
  return undefined;
}

/** A problem with the column that Postgres' detail names, e.g. `Key (item_id)=(99) is not present in table "items".`. */
function aboutKey(status: number, detail: string, message: string): Problem {
  const column = /^Key \((?:lower\()?([a-z_]+)/.exec(detail)?.[1];
  return column === undefined
    ? new Problem(status, message)
    : new Problem(status, `${column}: ${message}`, { errors: [{ pointer: `/${column}`, message }] });
}
