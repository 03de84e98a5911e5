import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SignJWT } from "jose";
import { expect, test } from "vitest";
import { createLogger } from "../../infra/runtime/logger.ts";
import { maskSecrets } from "../../infra/runtime/mask-secrets.ts";

const secret = "Zk3v-8sQ0aYB2dLr_TnUe5WxHc7JpM9fGi1oKbNqRtE";

test.for<[string, string]>([
  ["a device's secret", `access token ${secret} is unknown`],
  ["a connection string", `connect ECONNREFUSED postgres://waystock:${secret}@db.example:5432/waystock`],
  ["a short password in a URL", "INFLUX_URL=http://user:hunter2@host:8086/x"],
  ["Authorization: Bearer", "Authorization: Bearer hunter2hunter2"],
  ["Authorization: Basic", "authorization: Basic aHVudGVyMjpodW50ZXIy"],
  ["the path of /ingest", "GET /ingest/osmand/phone-1/hunter2?lat=1"],
  ["a query", "/auth?token=hunter2&x=1&api_key=hunter2"],
  ["a query in JSON", '{"path":"/x?password=hunter2"}'],
  ["a JSON field", '{"email":"a","password":"hunter2","new_password": "hunter2"}'],
  ["JSON within JSON", '{"msg":"sent {\\"secret\\":\\"hunter2\\"}"}'],
])("%s is masked", ([, text]) => {
  const masked = maskSecrets(text);
  expect(masked).toContain("***");
  expect(masked).not.toMatch(/hunter2|aHVudGVy/);
  expect(masked).not.toContain(secret);
  if (text.startsWith("{")) expect(() => JSON.parse(masked) as unknown).not.toThrow();
});

test("a token is masked, and every random secret of 256 bits", async () => {
  const token = await new SignJWT({ sub: "x" }).setProtectedHeader({ alg: "HS256" }).sign(randomBytes(32));
  expect(maskSecrets(`token ${token}!`)).toBe("token ***!");
  for (let n = 0; n < 2000; n += 1) {
    const random = randomBytes(32).toString("base64url");
    expect(maskSecrets(`"${random}"`)).toBe('"***"');
  }
});

test("what is no secret stays as it is", () => {
  for (const text of [
    "broker: credentials could not be read, retrying",
    "postgres://waystock@127.0.0.1:5432/waystock",
    "http://127.0.0.1:8080/orders?cursor=WzFd&limit=50",
    "0b5a3c1e-5f0a-4d8e-9f49-2f8f6b1f1c11",
    "a-kebab-case-file-name-that-is-43-characters",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    `create the first administrator (once) at http://127.0.0.1:8080/#/setup/${secret}`,
  ]) {
    expect(maskSecrets(text)).toBe(text);
  }
});

test("a text that a stranger chose is masked in linear time", () => {
  for (const part of ["a.", "a-", '"a', "eyJa", "://", "password=", " Bearer "]) {
    const text = part.repeat(100_000);
    const before = process.cpuUsage();
    maskSecrets(text);
    expect(process.cpuUsage(before).user / 1000, part).toBeLessThan(500);
  }
});

test("no line of the log holds a secret, wherever it stands", () => {
  const folder = mkdtempSync(join(tmpdir(), "waystock-log-"));
  const file = join(folder, "log");
  const descriptor = openSync(file, "w");
  const log = createLogger({ LOG_LEVEL: "info", LOG_PRETTY: false }, "test", descriptor);
  const error = new Error(`cannot connect to postgres://waystock:${secret}@db:5432`);
  log.error({ err: error, url: `/ingest/osmand?token=${secret}`, deep: { deeper: { note: secret } } }, secret);
  log.warn({ err: new Error("outer", { cause: error }) }, "nested");
  closeSync(descriptor);
  const text = readFileSync(file, "utf8");
  rmSync(folder, { recursive: true });
  expect(text).not.toContain(secret);
  const lines = text.trim().split("\n");
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ part: "test" });
});
