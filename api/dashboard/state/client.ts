// The only HTTP client of the page: same origin, session cookie; problem+json (RFC 9457) is thrown as `Problem`.
import type { Answer as Answered, Body, IfThere, Optional, Row } from "./operations.ts";

export interface FieldProblem {
  pointer: string;
  message: string;
}

/** A response that is not 2xx, or no response at all (`status` 0). `message` is a text for people. */
export class Problem extends Error {
  readonly status: number;
  readonly fields: FieldProblem[];
  /** tells problems of one status apart, e.g. `second-factor-required` */
  readonly type: string;

  constructor(status: number, message: string, fields: FieldProblem[] = [], type = "") {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.fields = fields;
    this.type = type;
  }
}

interface ProblemBody {
  /** `/docs#` and a name */
  type?: string;
  title?: string;
  detail?: string;
  errors?: FieldProblem[];
}

/** @returns undefined when it is no JSON: something between has answered, such as a proxy */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function problemOf({ status }: Response, text: string): Problem {
  const parsed = parseJson(text);
  const body: ProblemBody = typeof parsed === "object" && parsed !== null ? parsed : {};
  const message = body.detail ?? body.title ?? `The server answered ${status}.`;
  return new Problem(status, message, body.errors ?? [], body.type?.split("#")[1] ?? "");
}

interface RequestOptions {
  method?: string;
  body?: string | Blob;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  maxWaitMs?: number;
}

/** A server or network that has fallen silent must not be waited for for ever. */
const MAX_WAIT_MS = 20_000;
/** A file takes as long as the line needs. */
const MAX_UPLOAD_MS = 600_000;

interface Answer {
  /** parsed JSON; undefined when there is none */
  body: unknown;
  headers: Headers;
}

/** Reads an answer to its end. @throws Problem; what `signal` was aborted with */
async function request(path: string, { maxWaitMs = MAX_WAIT_MS, ...init }: RequestOptions): Promise<Answer> {
  const timeout = AbortSignal.timeout(maxWaitMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      ...init,
      signal: init.signal === undefined ? timeout : AbortSignal.any([init.signal, timeout]),
      credentials: "same-origin",
      headers: { accept: "application/json", ...init.headers },
    });
    text = await response.text();
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new Problem(0, timeout.aborted ? "The server does not answer." : "The server cannot be reached.");
  }
  if (!response.ok) throw problemOf(response, text);
  const body = text === "" ? undefined : parseJson(text);
  if (text !== "" && body === undefined) throw new Problem(0, "Something else than the server has answered.");
  return { body, headers: response.headers };
}

/** `get` for functions that take a path themselves, which is then checked where they are called. */
export async function getChecked<P extends `/${string}`>(
  path: P,
  signal: AbortSignal | undefined,
): Promise<Answered<"get", P>> {
  const { body } = await request(path, signal === undefined ? {} : { signal });
  return body as Answered<"get", P>;
}

export const get = <P extends `/${string}`>(
  path: P,
  ...[signal]: Optional<"get", P, AbortSignal>
): Promise<Answered<"get", P>> => getChecked(path, signal as AbortSignal | undefined);

/** Sends a header that no form of another site can send: the server refuses writes by cookie without it (CSRF). */
async function write<T>(
  method: string,
  path: string,
  body: string | Blob | undefined,
  type = "application/json",
  headers: Record<string, string> = {},
): Promise<T> {
  const answer = await request(path, {
    method,
    ...(body instanceof Blob && { maxWaitMs: MAX_UPLOAD_MS }),
    headers: { "content-type": type, "x-requested-with": "waystock", ...headers },
    ...(body !== undefined && { body }),
  });
  return answer.body as T;
}

export const post = <P extends `/${string}`>(path: P, body: Body<"post", P>): Promise<Answered<"post", P>> =>
  write("POST", path, JSON.stringify(body));
export const postText = <P extends `/${string}`>(
  path: P,
  type: IfThere<"post", P, "text/csv" | "text/plain">,
  body: string,
): Promise<Answered<"post", P>> => write("POST", path, body, type);
export const postFile = <P extends `/${string}`>(
  path: P,
  type: IfThere<"post", P, string>,
  file: Blob,
  headers: Record<string, string> = {},
): Promise<Answered<"post", P>> => write("POST", path, file, type, headers);
export const put = <P extends `/${string}`>(path: P, body: Body<"put", P>): Promise<Answered<"put", P>> =>
  write("PUT", path, JSON.stringify(body));
export const remove = <P extends `/${string}`>(
  path: P,
  ...[body]: Optional<"delete", P, Body<"delete", P>>
): Promise<void> => write("DELETE", path, JSON.stringify(body));

export interface List<T> {
  rows: T[];
  /** false when the server has more rows than were loaded */
  complete: boolean;
}

/** Follows `Link: rel="next"` (RFC 8288) until the list ends or at least `most` rows are loaded. */
export const getAll = <P extends `/${string}`>(
  path: P,
  most: IfThere<"get", P, number>,
  signal?: AbortSignal,
): Promise<List<Row<P>>> => getAllChecked(path, most, signal);

/** `getAll` for functions that take a path themselves, which is then checked where they are called. */
export async function getAllChecked<P extends `/${string}`>(
  path: P,
  most: number,
  signal: AbortSignal | undefined,
): Promise<List<Row<P>>> {
  const rows: Row<P>[] = [];
  let next: string | undefined = path;
  while (next !== undefined && rows.length < most) {
    const { body, headers } = await request(next, signal === undefined ? {} : { signal });
    rows.push(...(body as Row<P>[]));
    const link: string | undefined = /<([^>]+)>;\s*rel="?next"?/.exec(headers.get("link") ?? "")?.[1];
    // The link may name the public origin. Requests stay on the origin of this page.
    const target = link === undefined ? undefined : new URL(link, location.href);
    next = target === undefined ? undefined : target.pathname + target.search;
  }
  return { rows, complete: next === undefined };
}
