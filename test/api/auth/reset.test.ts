import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createRecoveryLink } from "../../../api/auth/bootstrap-admin.ts";
import { startApi, type TestApi } from "../support.ts";
import { addPerson, type Answer, callAs, codeOf, PASSWORD, setUpSecondFactor, signIn } from "./people.ts";

const NEW = "another long one";
let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let users = 0;
let email: string;
let id: number;
beforeAll(async () => {
  api = await startApi({ loginAttempts: { count: 3, windowMs: 15 * 60_000 } });
  admin = await api.as("admin");
});
afterAll(() => api?.close());
beforeEach(async () => {
  email = `user-${(users += 1)}@waystock.test`;
  id = await addPerson(api, email);
});

/** Each test comes from an address of its own, so that none uses up the attempts of another. */
const reset = (body: object): Promise<Answer> =>
  callAs(api, "POST /auth/reset", body, { address: `198.51.100.${users}` });
const linkOf = async (): Promise<string> => {
  const made = await admin(`POST /users/${id}/reset`);
  expect(made).toMatchObject({
    status: 201,
    body: { link: expect.stringMatching(/^http:\/\/waystock.test\/#\/reset\//) },
  });
  return made.body["token"] as string;
};
const me = async (token: string): Promise<number> => (await callAs(api, "GET /auth/me", undefined, { token })).status;

test("a reset link sets a new password once, and ends all sessions of its user", async () => {
  const session = await signIn(api, email);
  const older = await linkOf();
  const token = await linkOf();
  expect(await me(session)).toBe(200);
  expect((await reset({ token: older, password: NEW })).status).toBe(401);
  expect(await reset({ token })).toMatchObject({ status: 400, body: { errors: [{ pointer: "/password" }] } });
  expect((await reset({ token, password: "password1" })).status).toBe(400);
  const done = await reset({ token, password: NEW });
  expect(done).toMatchObject({ status: 200, body: { token_type: "Bearer", role: "viewer" } });
  expect(await me(session)).toBe(401);
  expect((await reset({ token, password: NEW })).status).toBe(401);
  expect((await callAs(api, "POST /auth/login", { email, password: PASSWORD })).status).toBe(401);
  expect((await callAs(api, "POST /auth/login", { email, password: NEW })).status).toBe(200);
});

test("a reset asks for the second factor, and a wrong code leaves the link as it is", async () => {
  const { secret } = await setUpSecondFactor(api, await signIn(api, email));
  const token = await linkOf();
  const bare = await reset({ token, password: NEW });
  expect(bare).toMatchObject({ status: 401, body: { type: "/docs#second-factor-required" } });
  const wrong = await reset({ token, password: NEW, code: codeOf(secret, -5) });
  expect(wrong).toMatchObject({ status: 401, body: { type: "/docs#second-factor-refused" } });
  expect((await reset({ token, password: NEW, code: codeOf(secret) })).status).toBe(200);
});

test("links that do not exist get one answer and are limited by address", async () => {
  const answers: Answer[] = [];
  for (const token of ["x", "y", "z"]) answers.push(await reset({ token, password: NEW }));
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(new Set(answers.map(({ body }) => body["detail"])).size).toBe(1);
  expect((await reset({ token: "x", password: NEW })).status).toBe(429);
});

test("asking for a reset is answered alike for every address; administrators see who asked until there is a link", async () => {
  const known = await reset({ email: email.toUpperCase() });
  const unknown = await reset({ email: "nobody@waystock.test" });
  expect([known.status, unknown.status]).toEqual([202, 202]);
  expect([known.body, unknown.body]).toEqual([{}, {}]);
  const asked = (await admin(`GET /users/${id}`)).body["reset_requested_at"];
  expect(Date.now() - Date.parse(asked as string)).toBeLessThan(10_000);
  const token = await linkOf();
  expect((await admin(`GET /users/${id}`)).body["reset_requested_at"]).toBeNull();
  const { rows } = await api.db.pool.query(
    "SELECT subject, outcome FROM audit WHERE action = 'ask for a reset' ORDER BY id",
  );
  expect(rows).toEqual([
    { subject: email.toUpperCase(), outcome: "done" },
    { subject: expect.stringMatching(/^#[0-9a-f]{8}$/), outcome: "refused" },
  ]);
  expect((await reset({ email })).status).toBe(202);
  expect((await reset({ email })).status).toBe(429);
  // Asking too often leaves a link open.
  expect((await reset({ token })).status).toBe(400);
  expect(await reset({})).toMatchObject({ status: 400, body: { errors: [{ pointer: "/email" }] } });
  const mixed = await reset({ email, password: NEW });
  expect(mixed).toMatchObject({ status: 400, body: { errors: [{ pointer: "/token" }] } });
});

test("a user with a session changes the own password with the old one: the other sessions end, guesses are limited", async () => {
  const [own, other] = [await signIn(api, email), await signIn(api, email)];
  const change = (current: string, next: string) =>
    callAs(api, "POST /auth/password", { current, new: next }, { token: own });
  expect(await change("wrong", NEW)).toMatchObject({ status: 400, body: { errors: [{ pointer: "/current" }] } });
  expect(await change(PASSWORD, "12345678")).toMatchObject({ status: 400, body: { errors: [{ pointer: "/new" }] } });
  expect((await change(PASSWORD, NEW)).status).toBe(204);
  expect([await me(own), await me(other)]).toEqual([200, 401]);
  expect((await callAs(api, "POST /auth/login", { email, password: NEW })).status).toBe(200);
  for (let n = 0; n < 3; n += 1) expect((await change("wrong", NEW)).status).toBe(400);
  expect((await change(NEW, PASSWORD)).status).toBe(429);
});

test("a change of password that is sent again with its Idempotency-Key gets the first answer, and changes nothing", async () => {
  const person = `again-${email}`;
  await addPerson(api, person);
  const token = await signIn(api, person);
  const change = (current: string, next: string, idempotencyKey: string) =>
    callAs(api, "POST /auth/password", { current, new: next }, { token, idempotencyKey });
  expect((await change(PASSWORD, NEW, "first")).status).toBe(204);
  const again = await change(PASSWORD, NEW, "first");
  expect([again.status, again.headers.get("Idempotency-Replayed")]).toEqual([204, "true"]);
  expect((await change(PASSWORD, NEW, "second")).status).toBe(400);
  expect((await change(NEW, PASSWORD, "first")).status).toBe(422);
  expect((await callAs(api, "POST /auth/login", { email: person, password: NEW })).status).toBe(200);
});

test("the recovery link of a locked-out administrator needs no second factor, and turns it off", async () => {
  const boss = `boss-${email}`;
  await addPerson(api, boss, "admin");
  await setUpSecondFactor(api, await signIn(api, boss));
  expect(await createRecoveryLink(api.db.pool, email, "http://waystock.test")).toBeUndefined();
  const made = await createRecoveryLink(api.db.pool, boss.toUpperCase(), "http://waystock.test");
  const done = await reset({ token: made!.token, password: NEW });
  expect(done).toMatchObject({ status: 200, body: { role: "admin" } });
  expect((await callAs(api, "POST /auth/login", { email: boss, password: NEW })).status).toBe(200);
});

test("a user of the identity provider gets neither a password nor a second factor here", async () => {
  const token = await signIn(api, email);
  const issuer = "https://idp.waystock.test";
  await api.db.pool.query(
    "UPDATE users SET oidc_issuer = $2, oidc_subject = 'subject', password_hash = '' WHERE id = $1",
    [id, issuer],
  );
  expect((await admin(`POST /users/${id}/reset`)).status).toBe(409);
  expect((await admin(`PUT /users/${id}`, { password: NEW })).status).toBe(409);
  expect((await reset({ email })).status).toBe(202);
  const shown = (await admin(`GET /users/${id}`)).body;
  expect(shown).toMatchObject({ state: "active", identity_provider: true, reset_requested_at: null });
  expect((await callAs(api, "POST /auth/totp", {}, { token })).status).toBe(409);
  expect((await callAs(api, "POST /auth/password", { current: "", new: NEW }, { token })).status).toBe(409);
});
