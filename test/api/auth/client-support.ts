import type { TestApi } from "../support.ts";

/** What an administrator gets once, when an API client is added. */
export interface NewClient {
  id: number;
  client_id: string;
  client_secret: string;
  secrets: Array<{ prefix: string }>;
}

type Caller = Awaited<ReturnType<TestApi["as"]>>;

export async function addClient(admin: Caller, fields: object = {}): Promise<NewClient> {
  const answer = await admin("POST /api-clients", { name: "ERP", role: "operator", ...fields });
  if (answer.status !== 201)
    throw new Error(`adding a client answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body as unknown as NewClient;
}

export interface TokenAnswer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

/** Sends a request to the token endpoint. @param form a text is sent as it is */
export async function requestToken(
  api: TestApi,
  form: Record<string, string> | string,
  { headers = {}, address }: { headers?: Record<string, string>; address?: string } = {},
): Promise<TokenAnswer> {
  const response = await api.app.request(
    "/oauth/token",
    {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers },
      body: typeof form === "string" ? form : new URLSearchParams(form).toString(),
    },
    address === undefined ? {} : { incoming: { socket: { remoteAddress: address } } },
  );
  return { status: response.status, headers: response.headers, body: (await response.json()) as TokenAnswer["body"] };
}

export const grantOf = ({ client_id, client_secret }: NewClient) => ({
  grant_type: "client_credentials",
  client_id,
  client_secret,
});

export const basic = (id: string, secret: string): { Authorization: string } => ({
  Authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`,
});

/** A new access token of a client. */
export async function tokenOfClient(api: TestApi, client: NewClient): Promise<string> {
  const { status, body } = await requestToken(api, grantOf(client));
  if (status !== 200) throw new Error(`no token: ${JSON.stringify(body)}`);
  return body["access_token"] as string;
}
