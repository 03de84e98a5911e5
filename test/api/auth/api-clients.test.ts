import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addParties } from "../../support/parties.ts";
import { startApi, type TestApi } from "../support.ts";
import { addClient, grantOf, type NewClient, requestToken, tokenOfClient } from "./client-support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  await addParties(api.db.pool, "owner", [1, 7]);
  admin = await api.as("admin");
});
afterAll(() => api?.close());

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const statusOf = async (token: string): Promise<number> =>
  (await api.app.request("/auth/me", { headers: bearer(token) })).status;

test("a client is added, read, changed and removed; its secret is shown once and stored as a hash", async () => {
  const { id: location } = (await admin("POST /locations", { name: "Hamburg" })).body as { id: number };
  const expires_at = "2199-01-01T00:00:00.000Z";
  const added = await admin("POST /api-clients", {
    name: "ERP",
    role: "sales",
    location_ids: [location],
    owner_ids: [7],
    expires_at,
  });
  expect(added.status).toBe(201);
  const { client_secret: secret, ...client } = added.body as { client_secret: string; id: number };
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(client).toMatchObject({
    client_id: expect.stringMatching(/^wsc_[\w-]{16}$/),
    name: "ERP",
    role: "sales",
    location_ids: [location],
    owner_ids: [7],
    expires_at,
    active: true,
    last_used_at: null,
    secrets: [{ prefix: secret.slice(0, 6), created_at: expect.any(String) }],
  });
  const path = `/api-clients/${client.id}`;
  expect(added.headers.get("Location")).toBe(path);
  const read = await admin(`GET ${path}`);
  expect(read.body).toEqual(client);
  const { rows } = await api.db.pool.query("SELECT * FROM api_client_secrets WHERE api_client_id = $1", [client.id]);
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(JSON.stringify((await admin("GET /api-clients")).body)).not.toContain(secret);

  const changed = await admin(
    `PUT ${path}`,
    { name: "ERP 2", location_ids: null },
    { "If-Match": read.headers.get("ETag")! },
  );
  expect(changed).toMatchObject({
    status: 200,
    body: { name: "ERP 2", role: "sales", location_ids: null, owner_ids: [7] },
  });
  expect((await admin(`PUT ${path}`, { name: "ERP 3" }, { "If-Match": read.headers.get("ETag")! })).status).toBe(412);
  expect((await admin(`DELETE ${path}`)).status).toBe(204);
  expect((await admin(`GET ${path}`)).status).toBe(404);
});

test("a client with an unknown location, an empty limit, an unknown role or field is refused, naming it", async () => {
  for (const [field, value, pointer] of [
    ["location_ids", [999_999], "/location_ids/0"],
    ["location_ids", [], "/location_ids"],
    ["role", "root", "/role"],
    ["secret", "mine", "/secret"],
    ["expires_at", "tomorrow", "/expires_at"],
  ] as const) {
    const answer = await admin("POST /api-clients", { name: "ERP", role: "viewer", [field]: value });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  }
});

test("a repeated Idempotency-Key adds no second client and shows no secret again", async () => {
  const send = () => admin("POST /api-clients", { name: "once", role: "viewer" }, { "Idempotency-Key": "add-once" });
  expect((await send()).status).toBe(201);
  expect((await send()).status).toBe(409);
  const { rows } = await api.db.pool.query("SELECT id FROM api_clients WHERE name = 'once'");
  expect(rows).toHaveLength(1);
});

test("a new secret leaves the one before it valid, and ends older ones with their tokens", async () => {
  const client = await addClient(admin);
  const rotate = async (): Promise<NewClient> =>
    (await admin(`POST /api-clients/${client.id}/secret`)).body as unknown as NewClient;
  const [first, second] = [client, await rotate()];
  expect(second.client_secret).not.toBe(first.client_secret);
  expect(second.secrets).toHaveLength(2);
  const [ofFirst, ofSecond] = [await tokenOfClient(api, first), await tokenOfClient(api, second)];
  const third = await rotate();
  expect(third.secrets.map(({ prefix }) => prefix)).toEqual(
    [third, second].map((each) => each.client_secret.slice(0, 6)),
  );
  expect((await requestToken(api, grantOf(first))).status).toBe(401);
  expect([await statusOf(ofFirst), await statusOf(ofSecond), await statusOf(await tokenOfClient(api, third))]).toEqual([
    401, 200, 200,
  ]);
});

test.for<[string, (id: number) => Promise<unknown>]>([
  ["removed", (id) => admin(`DELETE /api-clients/${id}`)],
  ["deactivated", (id) => admin(`PUT /api-clients/${id}`, { active: false })],
  ["expired", (id) => admin(`PUT /api-clients/${id}`, { expires_at: "2020-01-01T00:00:00Z" })],
  ["given another role", (id) => admin(`PUT /api-clients/${id}`, { role: "viewer" })],
  ["limited to owners", (id) => admin(`PUT /api-clients/${id}`, { owner_ids: [1] })],
  [
    "changed by another process",
    (id) => api.db.pool.query("UPDATE api_clients SET role = 'viewer' WHERE id = $1", [id]),
  ],
])("the tokens and streams of a client that is %s end at once, and no other's", async ([name, change]) => {
  const client = await addClient(admin);
  const [token, bystander] = [await tokenOfClient(api, client), await tokenOfClient(api, await addClient(admin))];
  const open = async (of: string) => (await api.app.request("/stream", { headers: bearer(of) })).body!.getReader();
  const [stream, other] = [await open(token), await open(bystander)];
  const ended = async (reader: typeof stream) => {
    while (!(await reader.read()).done);
    return "ended" as const;
  };
  const [isEnded, otherEnded] = [ended(stream), ended(other)];
  const changedAt = performance.now();
  await change(client.id);
  // The change of this process is known at once, that of another when Postgres has told it.
  if (!name.startsWith("changed")) expect(await statusOf(token)).toBe(401);
  expect(await isEnded).toBe("ended");
  expect(performance.now() - changedAt).toBeLessThan(5000);
  expect(await statusOf(token)).toBe(401);
  expect(await Promise.race([otherEnded, sleep(100, "open")])).toBe("open");
  expect(await statusOf(bystander)).toBe(200);
  await other.cancel();
});

test("a client that expires while its stream is open loses it then, and its token", async () => {
  const { rows } = await api.db.pool.query<{ soon: Date }>("SELECT now() + interval '2 s' AS soon");
  const client = await addClient(admin, { expires_at: rows[0]!.soon.toISOString() });
  const token = await tokenOfClient(api, client);
  const reader = (await api.app.request("/stream", { headers: bearer(token) })).body!.getReader();
  expect(await statusOf(token)).toBe(200);
  while (!(await reader.read()).done);
  const lateMs = Date.now() - rows[0]!.soon.getTime();
  expect(lateMs).toBeGreaterThanOrEqual(-50);
  expect(lateMs).toBeLessThan(5000);
  expect(await statusOf(token)).toBe(401);
  expect((await requestToken(api, grantOf(client))).status).toBe(401);
});

test("a change of name leaves the tokens in force", async () => {
  const client = await addClient(admin);
  const token = await tokenOfClient(api, client);
  await admin(`PUT /api-clients/${client.id}`, { name: "renamed", expires_at: "2199-01-01T00:00:00Z" });
  expect(await statusOf(token)).toBe(200);
});

test("what a client does stands under its own name in the audit, and it has its own idempotency keys", async () => {
  const clients = [await addClient(admin, { role: "manager" }), await addClient(admin, { role: "manager" })];
  const ids: number[] = [];
  for (const client of clients) {
    const response = await api.app.request("/vehicles", {
      method: "POST",
      headers: {
        ...bearer(await tokenOfClient(api, client)),
        "Content-Type": "application/json",
        "Idempotency-Key": "same",
      },
      body: JSON.stringify({ name: "van" }),
    });
    expect(response.status).toBe(201);
    ids.push(((await response.json()) as { id: number }).id);
  }
  expect(ids[0]).not.toBe(ids[1]);
  const { rows } = await api.db.pool.query<{ actor: string }>(
    "SELECT actor FROM audit WHERE action = 'POST /vehicles' ORDER BY id",
  );
  expect(rows.map(({ actor }) => actor)).toEqual(clients.map(({ id }) => `client:${id}`));
});

test("a fact that a client reports names the client; it may change its own orders, and no other sales client's", async () => {
  const operator = await addClient(admin);
  const headers = { ...bearer(await tokenOfClient(api, operator)), "Content-Type": "application/json" };
  const shipment = await api.app.request("/shipments", {
    method: "POST",
    headers,
    body: JSON.stringify({ product_name: "Pumps", quantity: 3, location: "storage" }),
  });
  expect(shipment.status).toBe(201);
  const { id } = (await shipment.json()) as { id: number };
  const events = (await admin(`GET /shipments/${id}/events`)).body as unknown as Array<Record<string, unknown>>;
  expect(events[0]).toMatchObject({ rule: "person", actor_id: null, evidence: [{ client_id: operator.id }] });

  const { id: item } = (await admin("POST /items", { sku: "P-1", name: "Pump" })).body as { id: number };
  const [own, other] = [await addClient(admin, { role: "sales" }), await addClient(admin, { role: "sales" })];
  const call = async (client: NewClient, method: string, path: string, body: object) =>
    api.app.request(path, {
      method,
      headers: { ...bearer(await tokenOfClient(api, client)), "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  const order = await call(own, "POST", "/orders", { kind: "customer", lines: [{ item_id: item, quantity: 1 }] });
  expect(order.status).toBe(201);
  const path = `/orders/${((await order.json()) as { id: number }).id}`;
  expect((await call(own, "PUT", path, { reference: "A" })).status).toBe(200);
  expect((await call(other, "PUT", path, { reference: "B" })).status).toBe(403);
});

test("last_used_at is noted when a token is got or used, and written at most once a minute", async () => {
  const client = await addClient(admin);
  const lastUsed = async () => (await admin(`GET /api-clients/${client.id}`)).body["last_used_at"] as string | null;
  expect(await lastUsed()).toBeNull();
  const token = await tokenOfClient(api, client);
  await expect.poll(lastUsed).not.toBeNull();
  const noted = await lastUsed();
  for (let n = 0; n < 5; n += 1) await statusOf(token);
  await api.db.pool.query("SELECT 1");
  expect(await lastUsed()).toBe(noted);
});

test("an API client has no session to end", async () => {
  const token = await tokenOfClient(api, await addClient(admin));
  const response = await api.app.request("/auth/logout", { method: "POST", headers: bearer(token) });
  expect(response.status).toBe(403);
});
