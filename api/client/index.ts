import createClient, { type Client, type ClientOptions } from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

/** The resources and request bodies of the API by name, e.g. `Schemas["Shipment"]`. */
export type Schemas = components["schemas"];
export type { components, paths };

/** One method for each HTTP method: `client.GET("/shipments/{id}", { params: { path: { id: 7 } } })`. */
export type WaystockClient = Client<paths>;

/** An access token, or what gives one that is still valid. */
type Token = string | (() => string | Promise<string>);

export interface WaystockClientOptions extends Omit<ClientOptions, "baseUrl"> {
  /** where the API is, e.g. `https://waystock.example.com` */
  baseUrl: string;
  /** absent: only what is public, or what the browser's session cookie opens */
  token?: Token;
}

/** Makes a client. It throws when the server cannot be reached; what the server answers is returned, errors too. */
export function createWaystockClient({ token, ...options }: WaystockClientOptions): WaystockClient {
  const client = createClient<paths>(options);
  if (token !== undefined) {
    client.use({
      async onRequest({ request }) {
        request.headers.set("Authorization", `Bearer ${typeof token === "string" ? token : await token()}`);
        return request;
      },
    });
  }
  return client;
}

/** The `cursor` of a list's next page, from `Link: rel="next"` (RFC 8288). @returns undefined on the last page */
export function nextCursor(response: Response): string | undefined {
  const link = /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get("Link") ?? "")?.[1];
  return link === undefined ? undefined : (new URL(link, "http://page").searchParams.get("cursor") ?? undefined);
}

export interface ClientCredentials {
  baseUrl: string;
  clientId: string;
  clientSecret: string;
}

/** A token is renewed this long before it expires, ms. */
const EARLY_MS = 30_000;

/**
 * The token of an API client (RFC 6749 §4.4), kept until shortly before it expires. Pass it as `token`. It throws when the
 * server refuses the credentials.
 */
export function clientCredentials({ baseUrl, clientId, clientSecret }: ClientCredentials): () => Promise<string> {
  let current: Promise<{ token: string; renewAt: number }> | undefined;

  async function ask(): Promise<{ token: string; renewAt: number }> {
    const response = await fetch(new URL("/oauth/token", baseUrl), {
      method: "POST",
      body: new URLSearchParams({ grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret }),
    });
    const answer = (await response.json()) as Partial<Schemas["TokenResponse"]> & { error_description?: string };
    const { access_token: token, expires_in: seconds = 0 } = answer;
    if (token === undefined) throw new Error(`no token: ${answer.error_description ?? `status ${response.status}`}`);
    return { token, renewAt: performance.now() + seconds * 1000 - EARLY_MS };
  }

  return async () => {
    const known = await current?.catch(() => undefined);
    if (known === undefined || performance.now() >= known.renewAt) current = ask();
    return (await current!).token;
  };
}
