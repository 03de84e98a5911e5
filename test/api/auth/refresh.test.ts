import { afterAll, beforeAll, expect, test } from "vitest";
import { hashPassword } from "../../../api/auth/passwords.ts";
import { startApi, type TestApi } from "../support.ts";

const PASSWORD = "correct horse";
let api: TestApi;
beforeAll(async () => {
  api = await startApi();
  await api.db.pool.query("INSERT INTO users (email, role, password_hash) VALUES ('ada@waystock.test', 'admin', $1)", [
    await hashPassword(PASSWORD),
  ]);
});
afterAll(() => api?.close());

const post = (path: string, headers: Record<string, string> = {}, body: object = {}) =>
  api.app.request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

interface SignedIn {
  cookie: string;
  seconds: number;
  token: string;
}

async function signedIn(response: Response): Promise<SignedIn> {
  expect(response.status).toBe(200);
  const header = response.headers.getSetCookie().find((each) => each.startsWith("waystock_session="))!;
  const seconds = Number(/Max-Age=(\d+)/.exec(header)?.[1]);
  const { access_token: token } = (await response.json()) as { access_token: string };
  return { cookie: header.split(";")[0]!, seconds, token };
}

const signIn = async (): Promise<SignedIn> =>
  signedIn(await post("/auth/login", {}, { email: "ada@waystock.test", password: PASSWORD }));
const refresh = (cookie: string) => post("/auth/refresh", { Cookie: cookie });
const me = async (headers: Record<string, string>): Promise<number> =>
  (await api.app.request("/auth/me", { headers })).status;

test("a session is renewed by its cookie alone", async () => {
  const first = await signIn();
  expect((await post("/auth/refresh")).status).toBe(401);
  expect((await post("/auth/refresh", { Authorization: `Bearer ${first.token}` })).status).toBe(401);
  expect((await refresh("waystock_session=nonsense")).status).toBe(401);
  const second = await signedIn(await refresh(first.cookie));
  expect(second.cookie).not.toBe(first.cookie);
  expect(await me({ Cookie: first.cookie })).toBe(401);
  expect(await me({ Cookie: second.cookie })).toBe(200);
  expect(await me({ Authorization: `Bearer ${second.token}` })).toBe(200);
});

test("an old cookie that comes again ends the session, and is audited", async () => {
  const first = await signIn();
  const other = await signIn();
  const second = await signedIn(await refresh(first.cookie));
  expect((await refresh(first.cookie)).status).toBe(401);
  expect(await me({ Cookie: second.cookie })).toBe(401);
  expect(await me({ Authorization: `Bearer ${second.token}` })).toBe(401);
  expect((await refresh(second.cookie)).status).toBe(401);
  expect(await me({ Cookie: other.cookie })).toBe(200);
  const { rows } = await api.db.pool.query(
    "SELECT actor, detail FROM audit WHERE action = 'refresh' AND outcome = 'refused'",
  );
  expect(rows).toEqual([{ actor: "user:1", detail: { reason: expect.stringMatching(/came again/) } }]);
});

test("of two renewals by one cookie at the same moment one succeeds at most", async () => {
  const { cookie } = await signIn();
  const answers = await Promise.all([refresh(cookie), refresh(cookie), refresh(cookie)]);
  expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  expect(answers.filter(({ status }) => status === 401).length).toBeGreaterThanOrEqual(2);
});

test("no session is renewed past 30 days", async () => {
  const { cookie } = await signIn();
  const age = (days: number) =>
    api.db.pool.query(
      "UPDATE sessions SET created_at = now() - $1::float8 * interval '1 day' WHERE revoked_at IS NULL",
      [days],
    );
  await age(29.99);
  const last = await signedIn(await refresh(cookie));
  expect(last.seconds).toBeGreaterThan(600);
  expect(last.seconds).toBeLessThan(900);
  await age(30.01);
  expect((await refresh(last.cookie)).status).toBe(401);
  expect(await me({ Authorization: `Bearer ${last.token}` })).toBe(401);
});

test("a password has 8 to 256 characters and is none of the commonest, whoever sets it", async () => {
  const admin = await api.as("admin");
  const add = async (password: string, n: number) =>
    (await admin("POST /users", { email: `new-${n}@waystock.test`, role: "viewer", password })).status;
  const bad = ["short 7", "password1", "Password1", "12345678", "x".repeat(257), "🔑🔑🔑🔑"];
  for (const [n, password] of bad.entries()) expect(await add(password, n), password).toBe(400);
  const refused = await admin("PUT /users/1", { password: "qwertyuiop" });
  expect(refused).toMatchObject({ status: 400, body: { errors: [{ pointer: "/password" }] } });
  expect(await add("🔑🔑🔑🔑🔑🔑🔑🔑", 100)).toBe(201);
});
