// The only HTTP client of the page: same origin, session cookie; problem+json (RFC 9457) is thrown as `Problem`.

export interface FieldProblem {
  pointer: string;
  message: string;
}

/** A response that is not 2xx, or no response at all (`status` 0). `message` is a text for people. */
export class Problem extends Error {
  readonly status: number;
  readonly fields: FieldProblem[];

  constructor(status: number, message: string, fields: FieldProblem[] = []) {
    super(message);
    this.name = "Problem";
    this.status = status;
    this.fields = fields;
  }
}

interface ProblemBody {
  title?: string;
  detail?: string;
  errors?: FieldProblem[];
}

async function problemOf(response: Response): Promise<Problem> {
  const isProblem = response.headers.get("content-type")?.includes("json") === true;
  const body: ProblemBody = isProblem ? ((await response.json()) as ProblemBody) : {};
  const message = body.detail ?? body.title ?? `The server answered ${response.status}.`;
  return new Problem(response.status, message, body.errors ?? []);
}

interface RequestOptions {
  method?: string;
  body?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

async function request(path: string, init: RequestOptions): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      ...init,
      credentials: "same-origin",
      headers: { accept: "application/json", ...init.headers },
    });
  } catch (cause) {
    if (init.signal?.aborted === true) throw cause;
    throw new Problem(0, "The server cannot be reached.");
  }
  if (!response.ok) throw await problemOf(response);
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, signal === undefined ? {} : { signal });
  return (await response.json()) as T;
}

/** Sends a header that no form of another site can send: the server refuses writes by cookie without it (CSRF). */
export async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await request(path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-requested-with": "waystock" },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

export interface List<T> {
  rows: T[];
  /** false when the server has more rows than were loaded */
  complete: boolean;
}

/** Follows `Link: rel="next"` (RFC 8288) until the list ends or at least `most` rows are loaded. */
export async function getAll<T>(path: string, most: number): Promise<List<T>> {
  const rows: T[] = [];
  let next: string | undefined = path;
  while (next !== undefined && rows.length < most) {
    const response = await request(next, {});
    rows.push(...((await response.json()) as T[]));
    const link: string | undefined = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("link") ?? "")?.[1];
    // The link may name the public origin. Requests stay on the origin of this page.
    const target = link === undefined ? undefined : new URL(link, location.href);
    next = target === undefined ? undefined : target.pathname + target.search;
  }
  return { rows, complete: next === undefined };
}
