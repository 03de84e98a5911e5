import { afterAll, beforeAll, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
});
afterAll(() => api?.close());

test("every POST of somebody who is signed in honours an Idempotency-Key, by the document", async () => {
  const document = (await (await api.app.request("/openapi.json")).json()) as {
    paths: Record<string, { post?: { parameters?: { name: string }[]; "x-roles": string[]; description: string } }>;
  };
  const posts = Object.entries(document.paths).flatMap(([path, { post }]) =>
    post === undefined || post["x-roles"].includes("public") ? [] : [[path, post] as const],
  );
  expect(posts.map(([path]) => path)).toEqual(expect.arrayContaining(["/imports/items", "/epcis/capture"]));
  for (const [path, { parameters = [], description }] of posts) {
    expect(
      parameters.map(({ name }) => name),
      path,
    ).toContain("Idempotency-Key");
    expect(description, path).toContain("Honours `Idempotency-Key`");
  }
});

async function send(
  token: string,
  path: string,
  body: object,
  key: string,
): Promise<[number, Record<string, unknown>]> {
  const response = await api.app.request(path, {
    method: "POST",
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": key },
    body: JSON.stringify(body),
  });
  return [response.status, (await response.json()) as Record<string, unknown>];
}

test.for([
  ["limits", { location_ids: "other" }],
  ["role", { role: "admin" }],
] as const)(
  "a repeat by an Idempotency-Key shows nothing once the rights of its sender have changed: its %s",
  async ([what, change]) => {
    const [here, other] = await Promise.all(
      ["here", "other"].map(async (name) =>
        Number((await admin("POST /locations", { name, stage: "storage" })).body["id"]),
      ),
    );
    const client = await addClient(admin, { name: what, role: "operator", location_ids: [here, other] });
    const body = { product_name: "secret goods", quantity: 1, location: here };
    const token = await tokenOfClient(api, client);
    const [status, first] = await send(token, "/shipments", body, what);
    expect(status).toBe(201);
    expect(await send(token, "/shipments", body, what)).toEqual([201, first]);
    const changed = "location_ids" in change ? { location_ids: [other] } : change;
    expect((await admin(`PUT /api-clients/${client.id}`, changed)).status).toBe(200);
    const [again, problem] = await send(await tokenOfClient(api, client), "/shipments", body, what);
    expect(again).toBe(409);
    expect(JSON.stringify(problem)).not.toContain("secret goods");
    // Nor has it taken effect again.
    const { rows } = await api.db.pool.query("SELECT id FROM shipments WHERE origin_id = $1", [here]);
    expect(rows).toEqual([{ id: first["id"] }]);
  },
);
