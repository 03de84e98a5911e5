import { scryptSync } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

const COUNT = 2;
const PASSWORD = "correct horse";
let api: TestApi;
const salt = Buffer.from("0123456789abcdef");
const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
const hashOf = (ln: number): string =>
  `$scrypt$ln=${ln},r=8,p=1$${base64(salt)}$${base64(scryptSync(PASSWORD, salt, 32, { N: 2 ** ln, r: 8, p: 1 }))}`;
/** It costs little: what is limited here is how often it is asked for. */
const hash = hashOf(4);
let users = 0;
let email: string;
beforeAll(async () => {
  api = await startApi({ loginAttempts: { count: COUNT, windowMs: 15 * 60_000 } });
});
afterAll(() => api?.close());
beforeEach(async () => {
  email = `user-${(users += 1)}@waystock.test`;
  await api.db.pool.query("INSERT INTO users (email, role, password_hash) VALUES ($1, 'viewer', $2)", [email, hash]);
});

interface Sender {
  address: string;
  cookie?: string;
  as?: string;
}

async function signIn(password: string, { address, cookie, as = email }: Sender): Promise<Response> {
  return api.app.request(
    "/auth/login",
    {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(cookie !== undefined && { Cookie: cookie }) },
      body: JSON.stringify({ email: as, password }),
    },
    { incoming: { socket: { remoteAddress: address } } },
  );
}
const status = async (password: string, sender: Sender): Promise<number> => (await signIn(password, sender)).status;

async function useUp(sender: Sender): Promise<void> {
  for (let n = 0; n < COUNT; n += 1) expect(await status("wrong", sender)).toBe(401);
}

test("failures lock an account at their address, also with the right password, and whether it exists or not", async () => {
  for (const as of [email, "nobody@waystock.test"]) {
    await useUp({ address: "203.0.113.1", as });
    const locked = await signIn(PASSWORD, { address: "203.0.113.1", as });
    expect(locked.status).toBe(429);
    expect(Number(locked.headers.get("Retry-After"))).toBeGreaterThan(600);
  }
  expect(await status(PASSWORD, { address: "203.0.113.2" })).toBe(200);
});

test("of many who sign in at the same moment all that are right succeed, and wrong ones are all counted", async () => {
  // It takes long enough that all are there before the first has its answer.
  await api.db.pool.query("UPDATE users SET password_hash = $2 WHERE email = $1", [email, hashOf(14)]);
  const sender = { address: "127.0.0.1" };
  const right = await Promise.all(Array.from({ length: 10 }, () => status(PASSWORD, sender)));
  expect(right).toEqual(right.map(() => 200));
  const wrong = await Promise.all(Array.from({ length: 10 }, () => status("wrong", { address: "203.0.113.3" })));
  expect(wrong.toSorted((a, b) => a - b)).toEqual([
    ...Array.from({ length: COUNT }, () => 401),
    ...Array(10 - COUNT).fill(429),
  ]);
  expect(await status(PASSWORD, { address: "203.0.113.3" })).toBe(429);
});

test("strangers at many addresses do not lock out an account where it is known from", async () => {
  expect(await status(PASSWORD, { address: "198.51.100.7" })).toBe(200);
  for (let n = 0; n < COUNT * 20; n += COUNT) await useUp({ address: `203.0.113.${100 + n}` });
  expect(await status(PASSWORD, { address: "192.0.2.1" })).toBe(429);
  expect(await status(PASSWORD, { address: "198.51.100.7" })).toBe(200);
});

test("a stranger behind the same address does not lock out a browser that has signed in before", async () => {
  const first = await signIn(PASSWORD, { address: "198.51.100.8" });
  const mark = first.headers.getSetCookie().find((each) => each.startsWith("waystock_browser="))!;
  expect(mark).toMatch(/HttpOnly; SameSite=Strict/);
  const cookie = mark.split(";")[0]!;
  await useUp({ address: "198.51.100.8" });
  expect(await status(PASSWORD, { address: "198.51.100.8" })).toBe(429);
  expect(await status(PASSWORD, { address: "198.51.100.8", cookie })).toBe(200);
  expect(await status(PASSWORD, { address: "203.0.113.9", cookie })).toBe(200);
  // The mark is no way around the limit.
  await useUp({ address: "198.51.100.8", cookie });
  expect(await status(PASSWORD, { address: "198.51.100.8", cookie })).toBe(429);
});

test("one-time links that do not exist are limited by address, and the address of loopback is not", async () => {
  const redeem = (address: string) =>
    api.app.request(
      "/auth/setup",
      {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token: "no such link", email, password: PASSWORD }),
      },
      { incoming: { socket: { remoteAddress: address } } },
    );
  for (let n = 0; n < COUNT; n += 1) expect((await redeem("203.0.113.50")).status).toBe(401);
  expect((await redeem("203.0.113.50")).status).toBe(429);
  for (let n = 0; n <= COUNT; n += 1) expect((await redeem("127.0.0.1")).status).toBe(401);
});
