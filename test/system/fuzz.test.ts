import { afterAll, beforeAll, expect, test } from "vitest";
import { fuzz } from "../api/http/fuzz-run.ts";
import { startApi, type TestApi } from "../api/support.ts";

const SEED = Number(process.env.SEED ?? 20_261_128);

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test("10,000 schema-fuzzed requests: none is answered 5xx, and every answer is as the OpenAPI document says", async () => {
  const { faults, succeeded } = await fuzz(api, 10_000, SEED);
  expect(faults).toEqual([]);
  expect(succeeded).toBeGreaterThan(0.05);
}, 600_000);
