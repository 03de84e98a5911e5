import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let other: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
/** reads through the other process */
let read: Awaited<ReturnType<TestApi["as"]>>;
let place: number;
let item: number;

beforeAll(async () => {
  api = await startApi();
  other = await startApi({}, { beside: api });
  admin = await api.as("admin");
  read = await readerOf(other);
  place = (await admin("POST /locations", { name: "yard", stage: "storage" })).body["id"] as number;
  item = (await admin("POST /items", { sku: "bolt", name: "Bolt" })).body["id"] as number;
});
afterAll(async () => {
  await other?.close();
  await api?.close();
});

/** Another user of an API process. The users of both are in one database, so the first process adds it. */
async function readerOf({ app }: TestApi): ReturnType<TestApi["as"]> {
  const headers = { Authorization: `Bearer ${await api.tokenOf("viewer")}` };
  return async (call) => {
    const response = await app.request(call.slice("GET ".length), { headers });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  };
}

const statusOf = async (path: string) => (await read(`GET ${path}`)).headers.get("Cache-Status");
const ship = async (name: string) =>
  (await admin("POST /shipments", { product_name: name, quantity: 1, location: place })).body["id"] as number;

/** Reads until the response comes from the cache, as it does once nothing changes any more. */
async function warm(path: string): Promise<void> {
  await expect.poll(() => statusOf(path)).toBe("waystock; hit");
}

test.for<[string, () => Promise<{ paths: string[]; change: () => Promise<unknown>; shows: string }>]>([
  [
    "a shipment",
    async () => {
      const id = await ship("parts");
      const change = () => admin(`PUT /shipments/${id}`, { reference: "PO 4711" });
      return { paths: [`/shipments/${id}`, "/shipments"], change, shows: "PO 4711" };
    },
  ],
  [
    "a new shipment",
    async () => ({ paths: ["/shipments?q=brandnew"], change: () => ship("brandnew"), shows: "brandnew" }),
  ],
  [
    "a level",
    async () => {
      const { body } = await admin("POST /inventory-items", { item_id: item, location_id: place, quantity: 5 });
      const path = `/inventory-items/${String(body["id"])}`;
      const change = () => admin(`PUT ${path}`, { quantity: 4321 });
      return { paths: [path, "/inventory-items"], change, shows: "4321" };
    },
  ],
  [
    "a reorder point",
    async () => ({
      paths: ["/inventory-items/1", "/inventory-items"],
      change: () => admin("PUT /reorder-points/1", { reorder_point: 7654 }),
      shows: "7654",
    }),
  ],
  [
    "the name of an item that is in stock",
    async () => ({
      paths: ["/inventory-items/1", "/inventory-items"],
      change: () => admin(`PUT /items/${item}`, { name: "Hexagon bolt" }),
      shows: "Hexagon bolt",
    }),
  ],
])("%s that another process changes is seen within a second, although the one before was kept", async ([, arrange]) => {
  const { paths, change, shows } = await arrange();
  for (const path of paths) await warm(path);
  expect((await change()) as { status?: number }).not.toMatchObject({ status: 400 });
  const changedAt = performance.now();
  for (const path of paths) {
    await expect
      .poll(async () => JSON.stringify((await read(`GET ${path}`)).body), { interval: 5, timeout: 1_000 })
      .toContain(shows);
  }
  expect(performance.now() - changedAt).toBeLessThan(1_000);
});

test("what a process has changed itself it shows at once", async () => {
  const id = await ship("own");
  const mayBeKept = { "Cache-Control": "max-age=4" };
  for (let round = 0; round < 20; round += 1) {
    await admin(`GET /shipments/${id}`, undefined, mayBeKept);
    await admin("GET /shipments?q=own", undefined, mayBeKept);
    const { headers } = await admin(`PUT /shipments/${id}`, { reference: `round ${round}` });
    const { body, headers: shown } = await admin(`GET /shipments/${id}`, undefined, mayBeKept);
    expect(body["reference"]).toBe(`round ${round}`);
    expect(shown.get("ETag")).toBe(headers.get("ETag"));
    const list = (await admin("GET /shipments?q=own", undefined, mayBeKept)).body as unknown as { reference: string }[];
    expect(list.map(({ reference }) => reference)).toEqual([`round ${round}`]);
  }
});

test("what is kept answers conditional requests, and a missing resource is not kept", async () => {
  const id = await ship("conditional");
  await warm(`/shipments/${id}`);
  const { headers } = await read(`GET /shipments/${id}`);
  const token = await api.tokenOf("viewer");
  const conditional = { Authorization: `Bearer ${token}`, "If-None-Match": headers.get("ETag")! };
  const unchanged = await other.app.request(`/shipments/${id}`, { headers: conditional });
  expect([unchanged.status, await unchanged.text()]).toEqual([304, ""]);
  const anew = await other.app.request(`/shipments/${id}`, {
    headers: { Authorization: `Bearer ${token}`, "Cache-Control": "no-cache" },
  });
  expect(anew.headers.get("Cache-Status")).toBeNull();
  const missing = await read("GET /shipments/999999");
  expect([missing.status, missing.headers.get("Cache-Status")]).toEqual([404, null]);
});

test("a principal with limits reads from Postgres, and others get nothing of what it sees", async () => {
  const elsewhere = (await admin("POST /locations", { name: "elsewhere" })).body["id"] as number;
  const id = await ship("not theirs");
  await warm(`/shipments/${id}`);
  const token = await api.tokenOf("viewer");
  await api.db.pool.query("UPDATE users SET location_ids = $1 WHERE id = (SELECT max(id) FROM users)", [
    `{${elsewhere}}`,
  ]);
  const headers = { Authorization: `Bearer ${token}` };
  expect((await other.app.request(`/shipments/${id}`, { headers })).status).toBe(404);
  const list = await other.app.request("/shipments", { headers });
  expect([await list.json(), list.headers.get("Cache-Status")]).toEqual([[], null]);
  expect(((await read("GET /shipments")).body as unknown as unknown[]).length).toBeGreaterThan(0);
});
