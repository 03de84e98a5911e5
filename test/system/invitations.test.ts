import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addParties } from "../support/parties.ts";
import { startApi, type TestApi } from "../api/support.ts";
import { type Answer, callAs } from "../api/auth/people.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let users = 0;
let email: string;
beforeAll(async () => {
  api = await startApi();
  await addParties(api.db.pool, "owner", [7]);
  admin = await api.as("admin");
});
afterAll(() => api?.close());
beforeEach(() => {
  email = `new-${(users += 1)}@waystock.test`;
});

/** Each test comes from an address of its own, so that none uses up the attempts of another. */
const setup = (body: object): Promise<Answer> =>
  callAs(api, "POST /auth/setup", body, { address: `198.51.100.${users}` });
const invite = async (more: object = {}) => {
  const added = await admin("POST /users", { email, role: "sales", ...more });
  expect(added.status, JSON.stringify(added.body)).toBe(201);
  const invitation = added.body["invitation"] as { link: string; token: string; expires_at: string };
  return { id: added.body["id"] as number, body: added.body, ...invitation };
};
const stateOf = async (id: number): Promise<unknown> => (await admin(`GET /users/${id}`)).body["state"];

test("an invitation is shown once, sets the password and works once", async () => {
  const { id, body, link, token, expires_at } = await invite({ name: "Sam" });
  expect(body).toMatchObject({ email, name: "Sam", role: "sales", active: true, state: "invited" });
  expect(link).toBe(`http://waystock.test/#/setup/${token}`);
  const days = (Date.parse(expires_at) - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(6.9);
  expect(days).toBeLessThan(7.1);
  const shown = await admin(`GET /users/${id}`);
  expect(shown.body).toMatchObject({ state: "invited", invitation_expires_at: expires_at });
  expect(shown.body).not.toHaveProperty("invitation");

  const bare = await setup({ token });
  expect(bare).toMatchObject({ status: 400, body: { errors: [{ pointer: "/password" }] } });
  expect(await setup({ token, password: "password1" })).toMatchObject({ status: 400 });
  const other = await setup({ token, email: "else@waystock.test", password: "a good long one" });
  expect(other).toMatchObject({ status: 400, body: { errors: [{ pointer: "/email" }] } });
  const done = await setup({ token, email: email.toUpperCase(), password: "a good long one" });
  expect(done).toMatchObject({ status: 200, body: { token_type: "Bearer", role: "sales" } });
  expect((await setup({ token, email, password: "a good long one" })).status).toBe(401);
  expect(await stateOf(id)).toBe("active");
  expect((await callAs(api, "POST /auth/login", { email, password: "a good long one" })).status).toBe(200);
  expect((await admin(`POST /users/${id}/invitation`)).status).toBe(409);
});

test("an invitation that is sent again voids the one before; one that has expired says so, and nobody is let in", async () => {
  const { id, token } = await invite();
  const again = await admin(`POST /users/${id}/invitation`);
  expect(again.status).toBe(201);
  expect((await setup({ token, password: "a good long one" })).status).toBe(401);
  await api.db.pool.query("UPDATE setup_tokens SET expires_at = now() WHERE user_id = $1", [id]);
  const late = await setup({ token: again.body["token"] as string, password: "a good long one" });
  expect(late).toMatchObject({ status: 401, body: { detail: "this link was used already, or has expired" } });
  const shown = (await admin(`GET /users/${id}`)).body;
  expect(shown["state"]).toBe("invited");
  expect(Date.parse(shown["invitation_expires_at"] as string)).toBeLessThanOrEqual(Date.now() + 1000);
});

test("an invitation is void once the address changes, the user is deactivated, or an administrator sets a password", async () => {
  const password = "a good long one";
  const moved = await invite();
  await admin(`PUT /users/${moved.id}`, { email: `moved-${email}` });
  expect((await setup({ token: moved.token, password })).status).toBe(401);

  email = `inactive-${email}`;
  const inactive = await invite();
  await admin(`PUT /users/${inactive.id}`, { active: false });
  expect((await setup({ token: inactive.token, password })).status).toBe(401);
  expect(await stateOf(inactive.id)).toBe("inactive");
  expect((await admin(`POST /users/${inactive.id}/invitation`)).status).toBe(409);

  email = `set-${email}`;
  const set = await invite();
  await admin(`PUT /users/${set.id}`, { password });
  expect((await setup({ token: set.token, password })).status).toBe(401);
  expect(await stateOf(set.id)).toBe("active");
});

test("with a password there is no invitation, and a repeat by Idempotency-Key gets the same answer; an invitation is not repeated", async () => {
  const key = { "Idempotency-Key": `key-${email}` };
  const body = { email, role: "viewer", password: "a good long one" };
  const first = await admin("POST /users", body, key);
  expect(first).toMatchObject({ status: 201, body: { state: "active" } });
  expect(first.body).not.toHaveProperty("invitation");
  expect((await admin("POST /users", body, key)).body).toEqual(first.body);
  expect((await admin("POST /users", { ...body, password: "another good one" }, key)).status).toBe(422);
  // Of a body with a password nothing is kept that is fast to try.
  const fast = createHash("sha256")
    .update(`POST /users\n${JSON.stringify(body)}`)
    .digest();
  const kept = await api.db.pool.query("SELECT request_sha256 FROM idempotency_keys WHERE key = $1", [
    key["Idempotency-Key"],
  ]);
  expect(kept.rows).toHaveLength(1);
  expect(kept.rows).not.toEqual([{ request_sha256: fast }]);

  const other = { "Idempotency-Key": `other-${email}` };
  const invitation = { email: `i-${email}`, role: "viewer" };
  expect((await admin("POST /users", invitation, other)).status).toBe(201);
  expect((await admin("POST /users", invitation, other)).status).toBe(409);
});

test("the token of an invitation stands in no table; the audit tells who was invited", async () => {
  const { token } = await invite();
  const audit = (await admin("GET /audit?limit=1")).body as unknown as { action: string; detail: unknown }[];
  expect(audit).toMatchObject([{ action: "POST /users", detail: { after: { email, role: "sales" } } }]);
  await setup({ token, password: "a good long one" });
  const { rows } = await api.db.pool.query<{ text: string }>(
    `SELECT to_jsonb(audit)::text AS text FROM audit UNION ALL SELECT to_jsonb(idempotency_keys)::text FROM idempotency_keys
     UNION ALL SELECT to_jsonb(setup_tokens)::text FROM setup_tokens UNION ALL SELECT to_jsonb(users)::text FROM users`,
  );
  expect(rows.length).toBeGreaterThan(5);
  for (const { text } of rows) expect(text).not.toContain(token);
});

test("limits are kept with the user, told by /auth/me, and end the user's sessions when they change", async () => {
  const place = (await admin("POST /locations", { name: "Here", stage: "storage" })).body["id"] as number;
  const unknown = await admin("POST /users", { email, role: "sales", location_ids: [place, 4711] });
  expect(unknown).toMatchObject({ status: 400, body: { errors: [{ pointer: "/location_ids/1" }] } });
  expect((await admin("POST /users", { email, role: "sales", location_ids: [] })).status).toBe(400);
  const { id, token, body } = await invite({ location_ids: [place], owner_ids: [7] });
  expect(body).toMatchObject({ location_ids: [place], owner_ids: [7] });
  const signedIn = await setup({ token, password: "a good long one" });
  const me = () => callAs(api, "GET /auth/me", undefined, { token: signedIn.body["access_token"] as string });
  expect((await me()).body).toMatchObject({
    ...{ kind: "user", id, email, name: null, role: "sales", second_factor: false },
    ...{ location_ids: [place], owner_ids: [7], may: ["order"] },
  });
  await admin(`PUT /users/${id}`, { name: "Only a name" });
  expect((await me()).status).toBe(200);
  const wider = await admin(`PUT /users/${id}`, { location_ids: null });
  expect(wider.body).toMatchObject({ location_ids: null, owner_ids: [7] });
  expect((await me()).status).toBe(401);
});
