import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSignInLink, ensureAdmin } from "../../../api/auth/bootstrap-admin.ts";
import { startApi, type TestApi } from "../support.ts";

const PUBLIC_URL = "http://waystock.test";
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
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
  const cookie = response.headers.get("Set-Cookie")!;
  expect(cookie).toMatch(/^waystock_session=[\w-]{43};.*HttpOnly;.*SameSite=Strict/);
  const Cookie = cookie.split(";")[0]!;
  const me = await api.app.request("/auth/me", { headers: { Cookie } });
  expect(await me.json()).toMatchObject({ email: "Ada@waystock.test", role: "admin" });
  expect((await post("/vehicles", { name: "A" }, { Cookie })).status).toBe(403);
  expect((await post("/vehicles", { name: "A" }, { Cookie, "X-Requested-With": "waystock" })).status).toBe(201);

  const page = { "X-Requested-With": "waystock" };
  const refreshed = await post("/auth/refresh", {}, { Cookie, ...page });
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

test("the published keys contain no private parts", async () => {
  const { keys } = (await (await api.app.request("/.well-known/jwks.json")).json()) as { keys: object[] };
  expect(keys).toHaveLength(1);
  expect(keys[0]).not.toHaveProperty("d");
  expect(keys[0]).toMatchObject({ kty: "EC", crv: "P-256", alg: "ES256" });
});

test("after five failures an account is locked for a while, whether it exists or not and even with the right password", async () => {
  for (const email of ["ada@waystock.test", "nobody@waystock.test"]) {
    for (let attempts = 0; attempts < 5; attempts += 1) {
      const answer = await post("/auth/login", { email, password: "wrong" });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ detail: "e-mail address or password is wrong" });
    }
    const locked = await post("/auth/login", { email, password: "correct horse" });
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get("Retry-After"))).toBeGreaterThan(600);
  }
});

test("the last administrator cannot be demoted; e-mail addresses are unique ignoring case", async () => {
  const admin = await api.as("admin");
  const added = await admin("POST /users", { email: "v@waystock.test", role: "viewer" });
  expect(added.status).toBe(201);
  expect(added.body).not.toHaveProperty("password_hash");
  expect((await admin("POST /users", { email: "V@waystock.test", role: "viewer" })).status).toBe(409);
  await api.db.pool.query("UPDATE users SET active = (email LIKE 'admin-2%' OR role <> 'admin')");
  const { rows } = await api.db.pool.query<{ id: number }>("SELECT id FROM users WHERE role = 'admin' AND active");
  expect(rows).toHaveLength(1);
  expect((await admin(`PUT /users/${rows[0]!.id}`, { role: "viewer" })).status).toBe(409);
});
