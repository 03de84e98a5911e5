import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let call: Awaited<ReturnType<TestApi["as"]>>;
let [site, vehicle] = [0, 0];

const HOUR = 3_600_000;
const at = (hours: number): string => new Date(Date.now() + hours * HOUR).toISOString();

async function ship(fields: object): Promise<number> {
  const { status, body } = await call("POST /shipments", {
    product_name: "Milk",
    quantity: 1,
    location: site,
    ...fields,
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return Number(body["id"]);
}

async function idsOf(search: string): Promise<number[]> {
  const { status, body } = await call(`GET /shipments?${search}`);
  expect(status, search).toBe(200);
  return (body as unknown as { id: number }[]).map(({ id }) => id);
}

beforeAll(async () => {
  api = await startApi();
  call = await api.as("admin");
  site = Number((await call("POST /locations", { name: "Dairy", stage: "storage" })).body["id"]);
  vehicle = Number((await call("POST /vehicles", { name: "Truck" })).body["id"]);
});
afterAll(() => api?.close());

test("shipments are listed by vehicle, by when they are due, and by whether they are late", async () => {
  const [none, soon, overdue, delivered] = [
    await ship({}),
    await ship({ due_at: at(2) }),
    await ship({ due_at: at(-1) }),
    await ship({ due_at: at(-3) }),
  ];
  await call(`POST /shipments/${delivered}/proof-of-delivery`, { name: "Ann" });
  await call(`POST /shipments/${soon}/load`, { vehicle_id: vehicle });
  expect(await idsOf(`vehicle_id=${vehicle}`)).toEqual([soon]);
  expect(await idsOf("late=true")).toEqual([overdue]);
  expect(await idsOf("late=false")).toEqual([none, soon, delivered]);
  expect(await idsOf(`due_before=${at(1)}`)).toEqual([delivered, overdue]);
  expect(await idsOf(`due_before=${at(9)}&status=delivered`)).toEqual([delivered]);
});

test("a search looks for a part of the text, whatever characters it holds", async () => {
  const odd = await ship({ product_name: "100%_pure\\oil", reference: "PO-77" });
  const plain = await ship({ product_name: "100 pure oil" });
  expect(await idsOf(`q=${encodeURIComponent("0%_P")}`)).toEqual([odd]);
  expect(await idsOf(`q=${encodeURIComponent("e\\o")}`)).toEqual([odd]);
  expect(await idsOf("q=po-77")).toEqual([odd]);
  await call(`PUT /shipments/${plain}`, { reference: "PO-770" });
  expect(await idsOf("q=po-77")).toEqual([odd, plain]);
  expect((await idsOf("q=")).length).toBeGreaterThan(1);
});

test("lists that are sorted by a time are paged by it, to the microsecond", async () => {
  const ids = [];
  for (let n = 0; n < 7; n += 1) ids.push(await ship({ due_at: "2040-01-01T00:00:00Z", reference: "same time" }));
  await api.db.pool.query("UPDATE shipments SET updated_at = '2041-01-01T00:00:00.000456Z' WHERE id = ANY($1)", [ids]);
  for (const list of [
    "/shipments?updated_since=2041-01-01&limit=2",
    "/shipments?due_before=2041-01-01&q=same+time&limit=2",
  ]) {
    const seen: number[] = [];
    for (let next: string | undefined = list; next !== undefined;) {
      const { body, headers } = await call(`GET ${next}`);
      seen.push(...(body as unknown as { id: number }[]).map(({ id }) => id));
      next = /^<(.*)>/.exec(headers.get("Link") ?? "")?.[1];
    }
    expect(seen, list).toEqual(ids);
  }
  // A cursor belongs to its list.
  const { headers } = await call("GET /shipments?limit=1");
  const cursor = /cursor=([^&>]+)/.exec(headers.get("Link")!)![1]!;
  expect((await call(`GET /shipments?updated_since=2041-01-01&cursor=${cursor}`)).status).toBe(400);
});
