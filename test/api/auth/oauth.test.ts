import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";
import { addClient, basic, grantOf, type NewClient, requestToken } from "./client-support.ts";

const COUNT = 3;
let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let client: NewClient;
beforeAll(async () => {
  api = await startApi({ loginAttempts: { count: COUNT, windowMs: 15 * 60_000 } });
  admin = await api.as("admin");
  client = await addClient(admin);
});
afterAll(() => api?.close());

const GRANT = { grant_type: "client_credentials" };

test("a client gets a token by body parameters or HTTP Basic, whose parts are form-urlencoded", async () => {
  for (const answer of [
    await requestToken(api, grantOf(client)),
    await requestToken(api, GRANT, { headers: basic(client.client_id, client.client_secret) }),
    // As curl -u sends it, and with a client_id that says the same again.
    await requestToken(
      api,
      { ...GRANT, client_id: client.client_id },
      {
        headers: {
          Authorization: `Basic ${Buffer.from(`${client.client_id}:${client.client_secret}`).toString("base64")}`,
        },
      },
    ),
    await requestToken(api, { ...grantOf(client), scope: "", audience: "https://ignored.example", resource: "x" }),
  ]) {
    expect(answer).toMatchObject({
      status: 200,
      body: { access_token: expect.any(String), token_type: "Bearer", expires_in: 900, scope: "operator" },
    });
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.headers.get("Content-Type")).toMatch(/^application\/json/);
  }
});

test("the token is an ES256 at+jwt for the client, of 15 minutes", async () => {
  const { body } = await requestToken(api, grantOf(client));
  const token = body["access_token"] as string;
  expect(decodeProtectedHeader(token)).toMatchObject({ alg: "ES256", typ: "at+jwt", kid: expect.any(String) });
  const claims = decodeJwt(token);
  expect(claims).toMatchObject({
    iss: "http://waystock.test",
    aud: "api",
    sub: client.client_id,
    client_id: client.client_id,
    scope: "operator",
  });
  expect(claims.exp! - claims.iat!).toBe(900);
  const me = await api.app.request("/auth/me", { headers: { Authorization: `Bearer ${token}` } });
  expect(await me.json()).toEqual({
    kind: "client",
    id: client.id,
    email: null,
    name: "ERP",
    role: "operator",
    may: ["order", "handle"],
    location_ids: null,
    owner_ids: null,
    second_factor: false,
    recovery_codes_left: null,
    identity_provider: false,
  });
});

const twice = "client_secret is given twice: in the header Authorization and in the body";
test.for<[what: string, () => Parameters<typeof requestToken>[1], Record<string, string> | undefined, number, string]>([
  [
    "the password grant",
    () => ({ grant_type: "password", username: "a", password: "b" }),
    undefined,
    400,
    "unsupported_grant_type",
  ],
  [
    "another grant with a client",
    () => ({ ...grantOf(client), grant_type: "authorization_code" }),
    undefined,
    400,
    "unsupported_grant_type",
  ],
  ["no grant type", () => ({ client_id: client.client_id }), undefined, 400, "invalid_request"],
  ["an empty body", () => "", undefined, 400, "invalid_request"],
  [
    "a parameter that comes twice",
    () => `grant_type=client_credentials&grant_type=client_credentials`,
    undefined,
    400,
    "invalid_request",
  ],
  ["no credentials", () => GRANT, undefined, 401, "invalid_client"],
  [
    "an unknown client",
    () => ({ ...GRANT, client_id: "wsc_AAAAAAAAAAAAAAAA", client_secret: "x" }),
    undefined,
    401,
    "invalid_client",
  ],
  ["a wrong secret", () => ({ ...grantOf(client), client_secret: "wrong" }), undefined, 401, "invalid_client"],
  ["a damaged header", () => GRANT, { Authorization: "Basic !" }, 401, "invalid_client"],
  [
    "a header whose parts are not form-urlencoded",
    () => GRANT,
    { Authorization: `Basic ${btoa("%zz:%zz")}` },
    401,
    "invalid_client",
  ],
  ["another scheme", () => grantOf(client), { Authorization: "Bearer x" }, 401, "invalid_client"],
  [
    "a JSON body",
    () => JSON.stringify(grantOf(client)),
    { "Content-Type": "application/json" },
    400,
    "invalid_request",
  ],
  ["a body that is too long", () => ({ ...GRANT, padding: "x".repeat(20_000) }), undefined, 400, "invalid_request"],
])("%s is refused as RFC 6749 says", async ([, form, headers, status, error]) => {
  const answer = await requestToken(api, form(), headers ? { headers } : {});
  expect(answer).toMatchObject({
    status,
    body: { error, error_description: expect.stringMatching(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/) },
  });
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  expect(answer.headers.get("Content-Type")).toMatch(/^application\/json/);
  expect(answer.headers.get("WWW-Authenticate")).toEqual(
    status === 401 ? expect.stringMatching(/^Basic realm=/) : null,
  );
});

test("two ways to prove itself at once are refused", async () => {
  const answer = await requestToken(api, grantOf(client), { headers: basic(client.client_id, client.client_secret) });
  expect(answer).toMatchObject({ status: 400, body: { error: "invalid_request", error_description: twice } });
});

test("wrong secrets are throttled per client and address; the right one is never locked out by them", async () => {
  const { client_id, client_secret } = await addClient(admin);
  const attempt = (secret: string, address: string) =>
    requestToken(api, { ...GRANT, client_id, client_secret: secret }, { address });
  for (let n = 0; n < COUNT; n += 1) expect((await attempt("wrong", "203.0.113.9")).status).toBe(401);
  const throttled = await attempt("wrong", "203.0.113.9");
  expect(throttled).toMatchObject({ status: 429, body: { error: "temporarily_unavailable" } });
  expect(Number(throttled.headers.get("Retry-After"))).toBeGreaterThan(600);
  expect((await attempt("wrong", "203.0.113.10")).status).toBe(401);
  expect((await attempt(client_secret, "203.0.113.9")).status).toBe(200);
  // Many unknown clients from one address.
  for (let n = 0; n < COUNT * 20; n += 1)
    await requestToken(api, { ...GRANT, client_id: `c${n}`, client_secret: "x" }, { address: "203.0.113.11" });
  const flood = await requestToken(api, { ...GRANT, client_id: "c", client_secret: "x" }, { address: "203.0.113.11" });
  expect(flood.status).toBe(429);
  expect((await attempt(client_secret, "203.0.113.11")).status).toBe(200);
});

test("a refused request is audited without what may be a secret", async () => {
  await requestToken(
    api,
    { ...GRANT, client_id: client.client_secret, client_secret: client.client_id },
    { address: "192.0.2.1" },
  );
  await requestToken(api, { ...grantOf(client), client_secret: "wrong" }, { address: "192.0.2.2" });
  const { rows } = await api.db.pool.query<{ subject: string }>(
    "SELECT subject FROM audit WHERE action = 'get a token'",
  );
  expect(rows.map(({ subject }) => subject)).toContain(client.client_id);
  expect(JSON.stringify(rows)).not.toContain(client.client_secret);
});

test("the metadata is complete and true (RFC 8414)", async () => {
  const metadata = (await (await api.app.request("/.well-known/oauth-authorization-server")).json()) as Record<
    string,
    unknown
  >;
  expect(metadata).toEqual({
    issuer: "http://waystock.test",
    token_endpoint: "http://waystock.test/oauth/token",
    jwks_uri: "http://waystock.test/.well-known/jwks.json",
    scopes_supported: ["admin", "manager", "operator", "sales", "viewer", "auditor"],
    response_types_supported: [],
    grant_types_supported: ["client_credentials"],
    token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"],
    service_documentation: "http://waystock.test/docs",
  });
  for (const address of ["jwks_uri", "service_documentation"]) {
    const { pathname } = new URL(metadata[address] as string);
    expect((await api.app.request(pathname)).status).toBe(200);
  }
});
