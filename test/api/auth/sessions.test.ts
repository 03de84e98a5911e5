import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";
import { addPerson, callAs, signIn } from "./people.ts";

let api: TestApi;
let users = 0;
let email: string;
let id: number;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.close());
beforeEach(async () => {
  email = `user-${(users += 1)}@waystock.test`;
  id = await addPerson(api, email);
});

const me = async (token: string): Promise<number> => (await callAs(api, "GET /auth/me", undefined, { token })).status;
interface Listed {
  id: string;
  current: boolean;
  address: string;
  user_agent: string;
}
async function sessionsOf(token: string, query = ""): Promise<{ rows: Listed[]; next: string | undefined }> {
  const { body, headers } = await callAs(api, `GET /auth/sessions${query}`, undefined, { token });
  const next = /^<\/auth\/sessions(.+)>; rel="next"$/.exec(headers.get("Link") ?? "")?.[1];
  return { rows: body as unknown as Listed[], next };
}

test("people see their own sessions, newest first, and end one of them", async () => {
  const stranger = await signIn(api, email.replace(/^/, "x-"), {}, {}).catch(() => undefined);
  expect(stranger).toBeUndefined();
  const phone = await signIn(api, email, {}, { address: "198.51.100.4", userAgent: "Phone/1.0" });
  const desk = await signIn(api, email, {}, { address: "198.51.100.5", userAgent: "x".repeat(1000) });
  const { rows } = await sessionsOf(phone);
  expect(rows).toMatchObject([
    { current: false, address: "198.51.100.5", user_agent: "x".repeat(256) },
    { current: true, address: "198.51.100.4", user_agent: "Phone/1.0" },
  ]);
  const first = await sessionsOf(phone, "?limit=1");
  expect((await sessionsOf(phone, first.next)).rows).toEqual([rows[1]]);

  const other = await addPerson(api, `other-${email}`);
  expect(other).toBeGreaterThan(id);
  const theirs = await signIn(api, `other-${email}`);
  expect((await callAs(api, `DELETE /auth/sessions/${rows[0]!.id}`, undefined, { token: theirs })).status).toBe(404);
  expect(await me(desk)).toBe(200);
  expect((await callAs(api, `DELETE /auth/sessions/${rows[0]!.id}`, undefined, { token: phone })).status).toBe(204);
  expect((await callAs(api, `DELETE /auth/sessions/${rows[0]!.id}`, undefined, { token: phone })).status).toBe(404);
  expect([await me(desk), await me(phone), await me(theirs)]).toEqual([401, 200, 200]);
});

test("signing out everywhere ends all one's own sessions, and no other's", async () => {
  const [one, two] = [await signIn(api, email), await signIn(api, email)];
  await addPerson(api, `other-${email}`);
  const theirs = await signIn(api, `other-${email}`);
  const out = await callAs(api, "DELETE /auth/sessions", undefined, { token: one });
  expect(out.status).toBe(204);
  expect(out.headers.get("Set-Cookie")).toMatch(/^waystock_session=;/);
  expect([await me(one), await me(two), await me(theirs)]).toEqual([401, 401, 200]);
});

test("an administrator signs a user out everywhere", async () => {
  const token = await signIn(api, email);
  const admin = await api.as("admin");
  expect((await admin(`DELETE /users/${id}/sessions`)).status).toBe(204);
  expect(await me(token)).toBe(401);
  expect((await admin("DELETE /users/999999/sessions")).status).toBe(404);
});
