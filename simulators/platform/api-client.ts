import { pause } from "../run/pause.ts";
import { withTimeLimit } from "./time-limit.ts";

/** Client of the platform's HTTP API. */
export interface ApiClient {
  get<T>(path: string): Promise<T>;
  /** All pages of a list (RFC 8288 `Link: rel="next"`). */
  list<T>(path: string): Promise<T[]>;
  post<T>(path: string, body: object): Promise<T>;
  put<T>(path: string, body: object): Promise<T>;
}

/** A response that is not 2xx: `status`, and the `detail` of the problem (RFC 9457). */
export class ApiProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export interface ApiClientOptions {
  url: string;
  /** called before each request, so that a renewed token is used */
  token: () => Promise<string>;
  /** attempts per request when the platform cannot answer now (429, 5xx, no connection) */
  maxAttempts?: number;
  /** ends the wait between attempts */
  signal?: AbortSignal;
  /** limit of one attempt, milliseconds */
  timeoutMs?: number;
  /** called for every failed attempt that will be repeated */
  onRetry?: (reason: string) => void;
}

/** A complete response. */
interface ApiResponse {
  value: unknown;
  /** RFC 8288 */
  link: string;
}

const TIMEOUT_MS = 15_000;
const DEFAULT_MAX_ATTEMPTS = 5;
const MAX_BACKOFF_MS = 10_000;
const PAGE_SIZE = 200;

/** The client's functions throw `ApiProblem` when the response is final (4xx other than 429, or no attempts left). */
export function createApiClient({
  url,
  token,
  maxAttempts = DEFAULT_MAX_ATTEMPTS,
  signal,
  timeoutMs = TIMEOUT_MS,
  onRetry,
}: ApiClientOptions): ApiClient {
  const request = async (method: string, path: string, body?: object): Promise<ApiResponse> => {
    const address = new URL(path, url);
    // Every attempt of a POST has the same key: repeating one that arrived creates nothing twice.
    const key: Record<string, string> = method === "POST" ? { "Idempotency-Key": crypto.randomUUID() } : {};
    for (let attempt = 1; ; attempt += 1) {
      let waitMs = Math.min(MAX_BACKOFF_MS, 250 * 2 ** attempt);
      try {
        const headers = { Authorization: `Bearer ${await token()}`, "Content-Type": "application/json", ...key };
        const sent = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
        // Read the body inside the try block: a response that breaks off is retried.
        const { response, text } = await withTimeLimit(timeoutMs, async (ended) => {
          const answer = await fetch(address, { ...sent, signal: ended });
          return { response: answer, text: await answer.text() };
        });
        const { headers: answered } = response;
        if (response.ok) return { value: text === "" ? undefined : JSON.parse(text), link: answered.get("Link") ?? "" };
        waitMs = Math.max(waitMs, Number(answered.get("Retry-After") ?? 0) * 1000);
        throw problemOf(method, address, response.status, text);
      } catch (error) {
        const final = error instanceof ApiProblem && error.status !== 429 && error.status < 500;
        if (final || attempt >= maxAttempts || signal?.aborted) throw error;
        onRetry?.(reasonOf(error));
      }
      await pause(waitMs, signal);
    }
  };
  const json = async <T>(answer: Promise<ApiResponse>): Promise<T> => (await answer).value as T;
  return {
    get: <T>(path: string) => json<T>(request("GET", path)),
    post: <T>(path: string, body: object) => json<T>(request("POST", path, body)),
    put: <T>(path: string, body: object) => json<T>(request("PUT", path, body)),
    async list<T>(path: string) {
      const rows: T[] = [];
      let next: string | undefined = `${path}${path.includes("?") ? "&" : "?"}limit=${PAGE_SIZE}`;
      while (next !== undefined) {
        const { value, link } = await request("GET", next);
        rows.push(...(value as T[]));
        next = /<([^>]+)>;\s*rel="?next"?/.exec(link)?.[1];
      }
      return rows;
    },
  };
}

/** The message of an error, with its cause: `fetch failed` alone says nothing. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function problemOf(method: string, address: URL, status: number, text: string): ApiProblem {
  const problem = text.startsWith("{") ? (JSON.parse(text) as { detail?: string; errors?: unknown }) : {};
  const errors = Array.isArray(problem.errors) && problem.errors.length > 0 ? ` ${JSON.stringify(problem.errors)}` : "";
  const detail = problem.detail ?? text.slice(0, 200);
  return new ApiProblem(status, `${method} ${address.pathname}: ${status} ${detail}${errors}`);
}
