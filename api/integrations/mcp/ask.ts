/** What the API refused, in its own words. */
export class Refused extends Error {}

/** Asks the API as the caller of the tool: with its role, its limits and its share of the rate limit. */
export type Ask = <T>(
  path: string,
  query?: Readonly<Record<string, string | number | boolean | undefined>>,
) => Promise<T>;

/** @param send answers a request as the API does */
export function askWith(
  send: (path: string, headers: Record<string, string>) => Promise<Response>,
  authorization: string,
): Ask {
  return async <T>(path: string, query: Parameters<Ask>[1] = {}): Promise<T> => {
    const given = Object.entries(query).filter(([, value]) => value !== undefined);
    const text = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
    const response = await send(text === "" ? path : `${path}?${text}`, { Authorization: authorization });
    const body = (await response.json()) as T & { detail?: string; title?: string };
    if (response.ok) return body;
    const wait = response.headers.get("Retry-After");
    const words = body.detail ?? body.title ?? "the request was refused";
    throw new Refused(wait === null ? words : `${words}; try again in ${wait} s`);
  };
}
