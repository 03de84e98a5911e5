import { setTimeout as sleep } from "node:timers/promises";
import { scryptSync } from "node:crypto";
import { TOTP } from "otpauth";
import { expect } from "vitest";
import type { Role } from "../../../api/auth/roles.ts";
import type { TestApi } from "../support.ts";

export const PASSWORD = "correct horse";

const salt = Buffer.from("0123456789abcdef");
const base64 = (bytes: Buffer): string => bytes.toString("base64").replace(/=+$/, "");
/** A hash of PASSWORD that costs little. */
const HASH = `$scrypt$ln=4,r=8,p=1$${base64(salt)}$${base64(scryptSync(PASSWORD, salt, 32, { N: 16, r: 8, p: 1 }))}`;

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

interface Sender {
  token?: string;
  cookie?: string;
  address?: string;
  userAgent?: string;
  idempotencyKey?: string;
}

/** Calls the API as somebody who has a token, a cookie or nothing: `call("POST /auth/login", body)`. */
export async function callAs(api: TestApi, call: string, body?: object, sender: Sender = {}): Promise<Answer> {
  const [method, path] = call.split(" ") as [string, string];
  const { token, cookie, address = "203.0.113.7", userAgent, idempotencyKey } = sender;
  const headers = {
    ...(body !== undefined && { "Content-Type": "application/json" }),
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(cookie !== undefined && { Cookie: cookie, "X-Requested-With": "waystock" }),
    ...(userAgent !== undefined && { "User-Agent": userAgent }),
    ...(idempotencyKey !== undefined && { "Idempotency-Key": idempotencyKey }),
  };
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const response = await api.app.request(path, init, { incoming: { socket: { remoteAddress: address } } });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
}

/** Adds an active user with PASSWORD. */
export async function addPerson(api: TestApi, email: string, role: Role = "viewer"): Promise<number> {
  const { rows } = await api.db.pool.query<{ id: number }>(
    "INSERT INTO users (email, role, password_hash) VALUES ($1, $2, $3) RETURNING id",
    [email, role, HASH],
  );
  return rows[0]!.id;
}

export async function signIn(api: TestApi, email: string, more: object = {}, sender: Sender = {}): Promise<string> {
  const answer = await callAs(api, "POST /auth/login", { email, password: PASSWORD, ...more }, sender);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return String(answer.body["access_token"]);
}

const STEP_MS = 30_000;

/** The code of an authenticator app, `steps` of 30 s from now. */
export const codeOf = (secret: string, steps = 0): string =>
  new TOTP({ secret }).generate({ timestamp: Date.now() + steps * STEP_MS });

/** The code of the step before now, which works until this step ends: for so long at least, milliseconds. */
export async function codeOfStepBefore(secret: string, forMs = 5_000): Promise<string> {
  const leftMs = STEP_MS - (Date.now() % STEP_MS);
  if (leftMs < forMs) await sleep(leftMs + 20);
  return codeOf(secret, -1);
}

/** Sets up a second factor. Its first code is of the step before now, so that the codes of now and of the step after work still. */
export async function setUpSecondFactor(api: TestApi, token: string) {
  const begun = await callAs(api, "POST /auth/totp", undefined, { token });
  expect(begun.status).toBe(200);
  const secret = String(begun.body["secret"]);
  const done = await callAs(api, "POST /auth/totp", { code: await codeOfStepBefore(secret) }, { token });
  expect(done.status, JSON.stringify(done.body)).toBe(200);
  return { secret, uri: String(begun.body["uri"]), recoveryCodes: done.body["recovery_codes"] as string[] };
}
