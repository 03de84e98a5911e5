/** Asks the platform as the administrator of the demo. */
export type PlatformApi = <T = unknown>(route: string, body?: unknown) => Promise<T>;

const ANSWER_MS = 10_000;

export class PlatformProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * @param token of the administrator, as it is now
 * @returns sends `POST /orders` with its body. Throws PlatformProblem for what is refused
 */
export function platformApi(baseUrl: string, token: () => string, stopping: AbortSignal): PlatformApi {
  return async <T>(route: string, body?: unknown): Promise<T> => {
    const [method = "", path = ""] = route.split(" ", 2);
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${token()}`,
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS)]),
    });
    const text = await response.text();
    if (!response.ok) throw new PlatformProblem(response.status, `${route}: ${response.status} ${text.slice(0, 500)}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
}
