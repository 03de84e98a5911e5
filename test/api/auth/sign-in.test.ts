import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSignInLink, ensureAdmin } from "../../../api/auth/bootstrap-admin.ts";
import { addParties } from "../../support/parties.ts";
import { startApi, type TestApi } from "../support.ts";

const PUBLIC_URL = "http://waystock.test";
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  await addParties(api.db.pool, "owner", [1]);
});
afterAll(() => api.close());

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  api.app.request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
const tokenIn = (link: string): string => link.split("/#/setup/")[1]!;

test("a one-time link creates the first administrator, and works once", async () => {
  const older = tokenIn((await ensureAdmin(api.db.pool, undefined, PUBLIC_URL))!);
  const token = tokenIn((await ensureAdmin(api.db.pool, undefined, PUBLIC_URL))!);
  const account = { email: "Ada@waystock.test", password: "correct horse" };
  expect((await post("/auth/setup", { token: older, ...account })).status).toBe(401);
  const bare = await post("/auth/setup", { token });
  expect(await bare.json()).toMatchObject({ status: 400, errors: [{ pointer: "/email" }] });
  const done = await post("/auth/setup", { token, ...account });
  expect(await done.json()).toMatchObject({ token_type: "Bearer", expires_in: 900, role: "admin" });
  expect((await post("/auth/setup", { token, ...account })).status).toBe(401);
  expect(await ensureAdmin(api.db.pool, undefined, PUBLIC_URL)).toBeUndefined();
});

test("signing in gives a token and a cookie; a change by cookie needs X-Requested-With", async () => {
  const response = await post("/auth/login", { email: "ada@WAYSTOCK.test", password: "correct horse" });
  expect(response.status).toBe(200);
  const cookie = response.headers.getSetCookie().find((each) => each.startsWith("waystock_session="))!;
  expect(cookie).toMatch(/^waystock_session=[\w-]{65};.*HttpOnly;.*SameSite=Strict/);
  const Cookie = cookie.split(";")[0]!;
  const me = await api.app.request("/auth/me", { headers: { Cookie } });
  expect(await me.json()).toMatchObject({ email: "Ada@waystock.test", role: "admin" });
  expect((await post("/vehicles", { name: "A" }, { Cookie })).status).toBe(403);
  expect((await post("/vehicles", { name: "A" }, { Cookie, "X-Requested-With": "waystock" })).status).toBe(201);

  const page = { "X-Requested-With": "waystock" };
  const refreshed = await post("/auth/refresh", {}, { Cookie });
  const renewed = refreshed.headers.get("Set-Cookie")!.split(";")[0]!;
  expect((await api.app.request("/auth/me", { headers: { Cookie } })).status).toBe(401);
  const { access_token: token } = (await refreshed.json()) as { access_token: string };
  expect((await post("/auth/logout", {}, { Cookie: renewed, ...page })).status).toBe(204);
  expect((await api.app.request("/auth/me", { headers: { Cookie: renewed } })).status).toBe(401);
  expect((await api.app.request("/auth/me", { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401);
});

test("a one-time link signs an existing user in", async () => {
  const { rows } = await api.db.pool.query<{ id: number }>("SELECT id FROM users");
  const token = tokenIn(await createSignInLink(api.db.pool, rows[0]!.id, PUBLIC_URL));
  expect(await (await post("/auth/setup", { token })).json()).toMatchObject({ role: "admin" });
  expect((await post("/auth/setup", { token })).status).toBe(401);
});

test("forged and foreign tokens are refused", async () => {
  const good = await api.tokenOf("admin");
  const call = (token: string) => api.app.request("/auth/me", { headers: { Authorization: `Bearer ${token}` } });
  expect((await call(good)).status).toBe(200);
  const [header, payload, signature] = good.split(".") as [string, string, string];
  const { kid } = JSON.parse(Buffer.from(header, "base64url").toString()) as { kid: string };
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  const none = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString("base64url");
  const { privateKey } = await generateKeyPair("ES256");
  const foreign = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid }).sign(privateKey);
  const secret = new TextEncoder().encode(
    JSON.stringify(await (await api.app.request("/.well-known/jwks.json")).json()),
  );
  const symmetric = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid }).sign(secret);
  const forged = { ...claims, sub: "1" };
  const changed = `${header}.${Buffer.from(JSON.stringify(forged)).toString("base64url")}.${signature}`;
  for (const token of [
    `${none}.${payload}.`,
    foreign,
    symmetric,
    changed,
    good.slice(0, -4),
    `${header}.${payload}`,
    "..",
    "a.b.c",
  ]) {
    expect((await call(token)).status, token).toBe(401);
  }
});

test("a signing key can be retired while the API runs: its tokens end at once, and a new key signs", async () => {
  const good = await api.tokenOf("viewer");
  const call = async (token: string): Promise<number> =>
    (await api.app.request("/auth/me", { headers: { Authorization: `Bearer ${token}` } })).status;
  expect(await call(good)).toBe(200);
  const keyIds = async (): Promise<string[]> => {
    const body = (await (await api.app.request("/.well-known/jwks.json")).json()) as { keys: { kid: string }[] };
    return body.keys.map(({ kid }) => kid);
  };
  const before = await keyIds();
  await api.db.pool.query("UPDATE signing_keys SET retired_at = now()");
  const deadline = performance.now() + 5000;
  while ((await call(good)) !== 401) expect(performance.now()).toBeLessThan(deadline);
  const signedIn = await post("/auth/login", { email: "ada@waystock.test", password: "correct horse" });
  const { access_token: token } = (await signedIn.json()) as { access_token: string };
  expect(await call(token)).toBe(200);
  expect(await keyIds()).not.toEqual(before);
});

test("the published keys contain no private parts", async () => {
  const { keys } = (await (await api.app.request("/.well-known/jwks.json")).json()) as { keys: object[] };
  expect(keys).toHaveLength(1);
  expect(keys[0]).not.toHaveProperty("d");
  expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256" });
});

test("the last administrator cannot be demoted; e-mail addresses are unique ignoring case", async () => {
  const admin = await api.as("admin");
  const added = await admin("POST /users", { email: "v@waystock.test", role: "viewer" });
  expect(added.status).toBe(201);
  expect(added.body).not.toHaveProperty("password_hash");
  expect((await admin("POST /users", { email: "V@waystock.test", role: "viewer" })).status).toBe(409);
  const { id } = (await admin("GET /auth/me")).body;
  await api.db.pool.query("UPDATE users SET active = (id = $1 OR role <> 'admin')", [id]);
  expect((await admin(`PUT /users/${id as number}`, { role: "viewer" })).status).toBe(409);
  // One who has only been invited has no way in; one with limits cannot administer.
  const invited = await admin("POST /users", { email: "next@waystock.test", role: "admin" });
  expect((await admin(`PUT /users/${id as number}`, { active: false })).status).toBe(409);
  expect((await admin(`PUT /users/${id as number}`, { owner_ids: [1] })).status).toBe(409);
  expect((await admin(`PUT /users/${invited.body["id"] as number}`, { password: "a good long one" })).status).toBe(200);
  expect((await admin(`PUT /users/${invited.body["id"] as number}`, { owner_ids: [1] })).status).toBe(200);
  expect((await admin(`PUT /users/${id as number}`, { active: false })).status).toBe(409);
  expect((await admin(`PUT /users/${invited.body["id"] as number}`, { owner_ids: null })).status).toBe(200);
  expect((await admin(`PUT /users/${id as number}`, { role: "viewer" })).status).toBe(200);
});
