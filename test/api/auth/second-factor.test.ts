import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { stepOfCode } from "../../../api/auth/second-factor/totp.ts";
import { startApi, type TestApi } from "../support.ts";
import {
  addPerson,
  type Answer,
  callAs,
  codeOf,
  codeOfStepBefore,
  PASSWORD,
  setUpSecondFactor,
  signIn,
} from "./people.ts";

const REQUIRED = { status: 401, body: { type: "/docs#second-factor-required" } };
const REFUSED = { status: 401, body: { type: "/docs#second-factor-refused" } };
let api: TestApi;
let users = 0;
let email: string;
let id: number;
beforeAll(async () => {
  api = await startApi({ loginAttempts: { count: 4, windowMs: 15 * 60_000 } });
});
afterAll(() => api?.close());
beforeEach(async () => {
  email = `user-${(users += 1)}@waystock.test`;
  id = await addPerson(api, email, "sales");
});

const login = (more: object = {}, address = "203.0.113.7"): Promise<Answer> =>
  callAs(api, "POST /auth/login", { email, password: PASSWORD, ...more }, { address });

test("codes are those of RFC 6238, a step early or late, and no other", () => {
  const secret = Buffer.from("12345678901234567890");
  // Appendix B, the last six of eight digits.
  expect(stepOfCode(secret, "287082", 59_000)).toBe(1);
  expect(stepOfCode(secret, "081804", 1_111_111_109_000)).toBe(37_037_036);
  expect(stepOfCode(secret, "287082", 59_000 + 30_000)).toBe(1);
  expect(stepOfCode(secret, "287082", 59_000 - 30_000)).toBe(1);
  expect(stepOfCode(secret, "287082", 59_000 + 60_000)).toBeUndefined();
  expect(stepOfCode(secret, "287082", 59_000 - 60_000)).toBeUndefined();
});

test("a second factor is set up with its first code; from then on a sign-in needs a code, and no code works twice", async () => {
  const [own, other] = [await signIn(api, email), await signIn(api, email)];
  const begun = await callAs(api, "POST /auth/totp", {}, { token: own });
  const secret = begun.body["secret"] as string;
  expect(begun.body["uri"]).toBe(
    `otpauth://totp/Waystock:${encodeURIComponent(email)}?issuer=Waystock&secret=${secret}&algorithm=SHA1&digits=6&period=30`,
  );
  expect(begun.body["qr_svg"]).toMatch(/^<svg [^]*<\/svg>$/);
  // It is not in force yet.
  expect((await login()).status).toBe(200);
  const wrong = await callAs(api, "POST /auth/totp", { code: codeOf(secret, -7) }, { token: own });
  expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: "/code" }] } });
  const first = await codeOfStepBefore(secret);
  const done = await callAs(api, "POST /auth/totp", { code: first }, { token: own });
  expect(done.body["recovery_codes"]).toHaveLength(10);
  expect((await callAs(api, "GET /auth/me", undefined, { token: own })).body["second_factor"]).toBe(true);
  expect((await callAs(api, "GET /auth/me", undefined, { token: other })).status).toBe(401);

  expect(await login()).toMatchObject(REQUIRED);
  expect((await login({ password: "wrong" })).body["type"]).toBe("/docs#status-401");
  expect(await login({ code: first })).toMatchObject(REFUSED);
  const code = codeOf(secret);
  expect((await login({ code: `${code.slice(0, 3)} ${code.slice(3)}` })).status).toBe(200);
  expect(await login({ code })).toMatchObject(REFUSED);
  expect((await login({ code: codeOf(secret, 1) })).status).toBe(200);
  expect((await callAs(api, "POST /auth/totp", {}, { token: own })).status).toBe(409);
});

test("of one code sent many times at once one sign-in succeeds", async () => {
  const { secret } = await setUpSecondFactor(api, await signIn(api, email));
  const answers = await Promise.all([1, 2, 3].map(() => login({ code: codeOf(secret) })));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 401, 401]);
});

test("a recovery code works once, however it is typed, and is stored as a hash", async () => {
  const { recoveryCodes } = await setUpSecondFactor(api, await signIn(api, email));
  const [first, second] = recoveryCodes as [string, string];
  expect(first).toMatch(/^[0-9a-z]{4}(-[0-9a-z]{4}){3}$/);
  expect((await login({ code: first.toUpperCase().replaceAll("-", " ") })).status).toBe(200);
  expect(await login({ code: first })).toMatchObject(REFUSED);
  const last = await login({ code: second });
  expect(last.status).toBe(200);
  const me = await callAs(api, "GET /auth/me", undefined, { token: last.body["access_token"] as string });
  expect(me.body).toMatchObject({ second_factor: true, recovery_codes_left: 8 });
  const { rows } = await api.db.pool.query("SELECT code_sha256 FROM recovery_codes WHERE user_id = $1", [id]);
  expect(rows).toHaveLength(8);
});

test("wrong codes are limited per account, and not for its owner where the account is known from", async () => {
  const { secret } = await setUpSecondFactor(api, await signIn(api, email, {}, { address: "198.51.100.1" }));
  // The right password from many addresses, and guessed codes.
  for (let n = 0; n < 4; n += 1) expect(await login({ code: "000000" }, `192.0.2.${n}`)).toMatchObject({ status: 401 });
  const blocked = await login({ code: codeOf(secret) }, "192.0.2.99");
  expect(blocked.status).toBe(429);
  expect(Number(blocked.headers.get("Retry-After"))).toBeGreaterThan(600);
  expect((await login({ code: codeOf(secret) }, "198.51.100.1")).status).toBe(200);
});

test("it is turned off with password and code only", async () => {
  const token = await signIn(api, email);
  const { secret } = await setUpSecondFactor(api, token);
  const off = (body: object) => callAs(api, "DELETE /auth/totp", body, { token });
  const wrongPassword = await off({ password: "wrong", code: codeOf(secret) });
  expect(wrongPassword).toMatchObject({ status: 400, body: { errors: [{ pointer: "/password" }] } });
  const wrongCode = await off({ password: PASSWORD, code: "no such code" });
  expect(wrongCode).toMatchObject({ status: 400, body: { errors: [{ pointer: "/code" }] } });
  expect((await off({ password: PASSWORD, code: codeOf(secret) })).status).toBe(204);
  expect((await off({ password: PASSWORD, code: codeOf(secret, 1) })).status).toBe(409);
  expect((await login()).status).toBe(200);
});

test("an administrator removes a lost second factor, audited, and the user's sessions end", async () => {
  const token = await signIn(api, email);
  await setUpSecondFactor(api, token);
  const admin = await api.as("admin");
  expect((await admin(`GET /users/${id}`)).body["second_factor"]).toBe(true);
  const boss = (await admin("GET /auth/me")).body["id"] as number;
  expect((await admin(`DELETE /users/${boss}/totp`)).status).toBe(409);
  expect((await admin(`DELETE /users/${id}/totp`)).status).toBe(204);
  expect((await admin(`DELETE /users/${id}/totp`)).status).toBe(409);
  expect((await callAs(api, "GET /auth/me", undefined, { token })).status).toBe(401);
  expect((await login()).status).toBe(200);
  const { rows } = await api.db.pool.query("SELECT outcome FROM audit WHERE subject = $1", [`/users/${id}/totp`]);
  expect(rows).toEqual([{ outcome: "done" }]);
});

test("neither the secret nor a code reaches the audit or another answer", async () => {
  const token = await signIn(api, email);
  const { secret, recoveryCodes } = await setUpSecondFactor(api, token);
  await login({ code: recoveryCodes[0] });
  await login({ code: recoveryCodes[0] });
  const admin = await api.as("admin");
  const answers = [
    await callAs(api, "GET /auth/me", undefined, { token }),
    await admin(`GET /users/${id}`),
    await admin("GET /audit?limit=200"),
  ];
  const { rows } = await api.db.pool.query("SELECT to_jsonb(audit)::text AS text FROM audit");
  const told = JSON.stringify([answers.map(({ body }) => body), rows]);
  for (const each of [secret, ...recoveryCodes]) expect(told).not.toContain(each);
});
