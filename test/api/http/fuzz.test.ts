import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";
import { fuzz } from "./fuzz-run.ts";

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test("no request makes the server answer 5xx, or anything else that its document does not tell", async () => {
  const { faults, succeeded } = await fuzz(api, 400, Number(process.env.SEED ?? 20_261_121));
  expect(faults).toEqual([]);
  // About a tenth; which requests are made changes with every operation that is added.
  expect(succeeded).toBeGreaterThan(0.05);
});

test("without Postgres requests answer 503 with Retry-After, and the process keeps running", async () => {
  const other = await startApi();
  const caller = await other.as("admin");
  expect((await caller("GET /items")).status).toBe(200);
  await other.close();
  const away = await caller("GET /items");
  expect(away.status).toBe(503);
  expect(away.headers.get("Retry-After")).toBe("2");
  expect((await other.app.request("/livez")).status).toBe(200);
  expect((await other.app.request("/readyz")).status).toBe(503);
});
