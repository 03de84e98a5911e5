import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi, type TestResponse } from "../support.ts";

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
let driver: TestResponse;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
  driver = await manager("POST /drivers", { name: "Ada", phone: "089 1", token: "CARD-4711" });
});
afterAll(() => api?.close());

const rowsOf = ({ body }: TestResponse) => body as unknown as Record<string, unknown>[];

test.for(["viewer", "sales", "operator", "auditor"] as const)(
  "the number of a driver's card is not shown to, nor confirmed to: %s",
  async (role) => {
    const call = await api.as(role);
    const { token: _, ...shown } = driver.body;
    expect(rowsOf(await call("GET /drivers"))).toEqual([shown]);
    expect((await call("GET /drivers/1")).body).toEqual(shown);
    expect(rowsOf(await call("GET /drivers?q=CARD-4711"))).toEqual([]);
    expect(rowsOf(await call("GET /drivers?q=ad"))).toEqual([shown]);
  },
);

test.for(["manager", "admin"] as const)(
  "whoever may change drivers sees it, and finds them by it: %s",
  async (role) => {
    const call = await api.as(role);
    expect(rowsOf(await call("GET /drivers?q=CARD-4711"))).toEqual([driver.body]);
    // Also who has read the same version with fewer rights.
    const known = { "If-None-Match": driver.headers.get("ETag")! };
    expect(await call("GET /drivers/1", undefined, known)).toMatchObject({ status: 200, body: { token: "CARD-4711" } });
  },
);

test("the audit tells that a card was changed, and not its number", async () => {
  expect((await manager("PUT /drivers/1", { token: "CARD-0815" })).body["token"]).toBe("CARD-0815");
  expect((await manager("POST /drivers", { name: "Bo", token: "77" })).status).toBe(201);
  expect((await manager("PUT /drivers/1", { token: null })).body["token"]).toBeNull();
  const auditor = await api.as("auditor");
  const entries = rowsOf(await auditor("GET /audit?subject=/drivers"));
  expect(entries.map(({ detail }) => detail)).toMatchObject([
    { before: { token: "***" }, after: { token: null } },
    { after: { name: "Bo", token: "***" } },
    { before: { token: "***" }, after: { token: "***" } },
    { after: { name: "Ada", token: "***" } },
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/CARD|"77"/);
});
