import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api.close());

test("a device profile shows its key once, and can be deleted", async () => {
  const made = await manager("POST /device-profiles", { name: "trucks", kind: "gps", quota: 100 });
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ name: "trucks", quota: 100, used: 0, certificates: false, active: true });
  expect(String(made.body.profile_key)).toMatch(/^[\w-]{43}$/);
  const listed = (await manager("GET /device-profiles")).body as unknown as object[];
  expect(listed).toHaveLength(1);
  expect(JSON.stringify(listed)).not.toContain("profile_key");
  expect((await manager("POST /device-profiles", { name: "any", quota: 1, certificates: true })).status).toBe(400);
  expect((await manager("POST /device-profiles", { name: "none", quota: 0 })).status).toBe(400);
  expect((await manager(`DELETE /device-profiles/${String(made.body.id)}`)).status).toBe(204);
  expect((await manager("GET /device-profiles")).body).toEqual([]);
});
