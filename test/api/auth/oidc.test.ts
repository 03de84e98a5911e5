import { generateKeyPair, SignJWT } from "jose";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { OidcProvider } from "../../../api/auth/oidc/provider.ts";
import { AUDIENCE, type IdentityProvider, startIdentityProvider } from "../../support/identity-provider.ts";
import { startApi, type TestApi } from "../support.ts";

const log = pino({ level: "silent" });
const MINUTE_MS = 60_000;
let idp: IdentityProvider;
let api: TestApi;
/** the API's monotonic clock for what concerns the provider */
let nowMs = 1_000_000;
beforeAll(async () => {
  idp = await startIdentityProvider("http://waystock.test/auth/oidc/callback", () => ["viewer"]);
  const settings = { issuer: idp.issuer, audience: AUDIENCE, rolesClaim: "roles" };
  api = await startApi({}, { oidc: new OidcProvider(settings, log, () => nowMs) });
});
afterAll(async () => {
  await api?.close();
  await idp?.close();
});
beforeEach(() => idp.setAway(false));

async function me(token: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await api.app.request("/auth/me", { headers: { Authorization: `Bearer ${token}` } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test("a token of the provider is accepted; its user is made at first sight, without a password, and audited", async () => {
  const token = await idp.accessToken("erp");
  const answer = await me(token);
  expect(answer).toMatchObject({ status: 200, body: { kind: "user", role: "manager" } });
  expect(await me(token)).toEqual(answer);
  const { rows } = await api.db.pool.query(
    "SELECT id, role, password_hash FROM users WHERE oidc_issuer = $1 AND oidc_subject = 'erp'",
    [idp.issuer],
  );
  expect(rows).toEqual([{ id: answer.body["id"], role: "manager", password_hash: "" }]);
  const audit = await api.db.pool.query("SELECT actor FROM audit WHERE action = 'first seen'");
  expect(audit.rows).toEqual([{ actor: `user:${String(answer.body["id"])}` }]);
});

test("the highest known role of the claim counts; a token that names none is 403, in words", async () => {
  for (const [roles, role] of [
    [["viewer", "operator", "sales"], "operator"],
    ["offline_access viewer", "viewer"],
    [["auditor", "viewer"], "auditor"],
  ] as const) {
    expect((await me(await idp.sign({ sub: `role ${role}`, roles }))).body["role"]).toBe(role);
  }
  for (const token of [
    await idp.accessToken("cron"),
    await idp.sign({ roles: ["root"] }),
    await idp.sign({ roles: { admin: true } }),
  ]) {
    const { status, body } = await me(token);
    expect(status).toBe(403);
    expect(body["detail"]).toContain("the claim roles of the token names no role");
  }
});

test("a role may stand inside other claims", async () => {
  const settings = { issuer: idp.issuer, audience: AUDIENCE, rolesClaim: "realm_access.roles" };
  const provider = new OidcProvider(settings, log);
  const token = await idp.sign({ realm_access: { roles: ["sales"] } });
  expect(await provider.verifyAccessToken(token)).toMatchObject({ role: "sales" });
});

test("two users with one address stay two: the address of an account opens nothing", async () => {
  await api.db.pool.query("INSERT INTO users (email, role, password_hash) VALUES ('boss@company.test', 'admin', '')");
  const { status, body } = await me(await idp.sign({ sub: "stranger", email: "boss@company.test", roles: ["viewer"] }));
  expect(status).toBe(200);
  expect(body).toMatchObject({ role: "viewer" });
  expect(body["email"]).not.toBe("boss@company.test");
});

test.for<[string, () => Promise<string>]>([
  ["for another audience", () => idp.sign({ aud: "https://other.test" })],
  ["without an audience", () => idp.sign({ aud: undefined })],
  ["of an issuer like ours", () => idp.sign({ iss: `${idp.issuer}/` })],
  ["not yet valid", () => idp.sign({ nbf: Math.floor(Date.now() / 1000) + 3600 })],
  ["of a person's ID token", () => idp.sign({ nonce: "n" }, { typ: "JWT" })],
  ["of another type", () => idp.sign({}, { typ: "logout+jwt" })],
  ["without a subject", () => idp.sign({ sub: undefined })],
  [
    "signed by a stranger",
    async () => {
      const { privateKey } = await generateKeyPair("RS256");
      return new SignJWT({ iss: idp.issuer, aud: AUDIENCE, sub: "x", roles: ["admin"] })
        .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: "provider-key" })
        .setExpirationTime("1h")
        .sign(privateKey);
    },
  ],
])("a token %s is 401", async ([, make]) => expect((await me(await make())).status).toBe(401));

test("a user who is deactivated here, or removed, is out at once with the streams", async () => {
  const token = await idp.sign({ sub: "leaver" });
  const { id } = (await me(token)).body;
  const stream = await api.app.request("/stream", { headers: { Authorization: `Bearer ${token}` } });
  const reader = stream.body!.getReader();
  await api.db.pool.query("UPDATE users SET active = false WHERE id = $1", [id]);
  while (!(await reader.read()).done);
  await expect.poll(async () => (await me(token)).status).toBe(401);
});

test("what needs a session here is refused in words", async () => {
  const headers = { Authorization: `Bearer ${await idp.sign({ sub: "no session" })}` };
  expect((await api.app.request("/auth/logout", { method: "POST", headers })).status).toBe(403);
});

test("a flood of unknown keys asks the provider once in 30 s, and ours go on", async () => {
  const good = await idp.sign({ sub: "good" });
  expect((await me(good)).status).toBe(200);
  const forged = Array.from({ length: 200 }, (_, n) => idp.sign({ sub: "forged" }, { kid: `unknown-${n}` }));
  const flood = async () => Promise.all((await Promise.all(forged)).map(async (token) => (await me(token)).status));
  for (let round = 0; round < 3; round += 1) {
    nowMs += 31_000;
    const before = idp.keyRequests();
    expect(new Set(await flood())).toEqual(new Set([401]));
    expect(idp.keyRequests() - before).toBe(1);
  }
  expect((await me(good)).status).toBe(200);
});

test("a provider that is away for ten minutes stops nobody whose key is known, and is found again", async () => {
  expect((await me(await idp.sign({ sub: "before" }))).status).toBe(200);
  idp.setAway(true);
  for (let minute = 1; minute <= 12; minute += 1) {
    nowMs += MINUTE_MS;
    // New tokens, of a user who is known and of one who is not.
    expect((await me(await idp.sign({ sub: "before", minute }))).status).toBe(200);
    expect((await me(await idp.sign({ sub: `new in minute ${minute}` }))).status).toBe(200);
    expect((await me(await idp.sign({}, { kid: "unknown" }))).status).toBe(401);
  }
  idp.setAway(false);
  nowMs += MINUTE_MS;
  const before = idp.keyRequests();
  expect((await me(await idp.sign({ sub: "after" }))).status).toBe(200);
  await expect.poll(() => idp.keyRequests()).toBe(before + 1);
});

test("a provider that is away when it is first needed is 503, and asked again soon", async () => {
  let clock = 0;
  const provider = new OidcProvider({ issuer: idp.issuer, audience: AUDIENCE, rolesClaim: "roles" }, log, () => clock);
  const other = await startApi({}, { oidc: provider });
  const headers = { Authorization: `Bearer ${await idp.sign({ sub: "early" })}` };
  idp.setAway(true);
  const response = await other.app.request("/auth/me", { headers });
  expect(response.status).toBe(503);
  expect(response.headers.get("Retry-After")).toBe("5");
  // Our own tokens do not need the provider.
  expect((await (await other.as("viewer"))("GET /auth/me")).status).toBe(200);
  idp.setAway(false);
  expect((await other.app.request("/auth/me", { headers })).status).toBe(503);
  clock += 5000;
  expect((await other.app.request("/auth/me", { headers })).status).toBe(200);
  await other.close();
});

test("without a client id there is no sign-in in the browser", async () => {
  expect(await (await api.app.request("/auth/methods")).json()).toEqual({ password: true, oidc: false });
  for (const path of ["/auth/oidc/start", "/auth/oidc/callback?code=1&state=1"]) {
    expect((await api.app.request(path)).status).toBe(404);
  }
});
