import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let token: string;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  token = await api.tokenOf("manager");
  manager = await api.as("manager");
});
afterAll(() => api.close());

interface Event {
  id: string | undefined;
  event: string;
  data: unknown;
}

/** Opens the stream. When this resolves, the server listens and sends what changes. */
async function open(query: string, lastEventId?: string) {
  const headers = { Authorization: `Bearer ${token}`, ...(lastEventId && { "Last-Event-ID": lastEventId }) };
  const response = await api.app.request(`/stream${query}`, { headers });
  expect(response.headers.get("Content-Type")).toMatch(/^text\/event-stream/);
  const events: Event[] = [];
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  let text = "";
  return {
    /** Reads on until there are `count` events of `topic`. @returns all events so far */
    async until(topic: string, count = 1): Promise<Event[]> {
      const giveUp = setTimeout(() => void reader.cancel(), 20_000);
      while (events.filter(({ event }) => event === topic).length < count) {
        const { done, value } = await reader.read();
        if (done) throw new Error(`the stream ended after ${JSON.stringify(events)}`);
        text += decoder.decode(value, { stream: true });
        const blocks = text.split("\n\n");
        text = blocks.pop()!;
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1];
          const event = /^event: (.*)$/m.exec(block)?.[1];
          if (event && data) events.push({ id: /^id: (.*)$/m.exec(block)?.[1], event, data: JSON.parse(data) });
        }
      }
      clearTimeout(giveUp);
      return [...events];
    },
    close: () => reader.cancel(),
  };
}

test("a change reaches clients of its topic, and a client that reconnects gets what it missed", async () => {
  const stream = await open("?topics=shipments");
  const first = await manager("POST /shipments", { product_name: "Live", quantity: 1, location: "storage" });
  const events = await stream.until("shipments");
  expect(events[0]).toMatchObject({ event: "hello", data: { server_time: expect.any(String) } });
  const told = events.at(-1)!;
  expect(told.data).toEqual([expect.objectContaining({ id: first.body.id, product_name: "Live" })]);
  expect(Object.keys((told.data as object[])[0]!).sort()).toEqual(Object.keys(first.body).sort());

  const second = await manager("POST /shipments", { product_name: "Missed", quantity: 1, location: "storage" });
  await stream.until("shipments", 2);
  await stream.close();
  const again = await open("?topics=shipments", told.id);
  const resumed = await again.until("shipments");
  await again.close();
  expect(resumed.map(({ event }) => event)).toEqual(["hello", "shipments"]);
  expect(resumed[1]!.data).toEqual([expect.objectContaining({ id: second.body.id })]);
  for (const lastId of ["12", "not-an-id"]) {
    const unknown = await open("", lastId);
    expect((await unknown.until("reset")).map(({ event }) => event)).toEqual(["hello", "reset"]);
    await unknown.close();
  }
});

test("unknown topics are refused, and devices are for managers only", async () => {
  expect((await manager("GET /stream?topics=weather")).status).toBe(400);
  const viewer = await api.as("viewer");
  expect((await viewer("GET /stream?topics=devices")).status).toBe(403);
});

test("with a bounding box positions outside are left out", async () => {
  for (const bbox of ["1,2,3", "a,b,c,d", "0,50,10,40", "0,0,0,91", "11,48,12,49,1"]) {
    expect((await manager(`GET /stream?bbox=${bbox}`)).status).toBe(400);
  }
  const { rows } = await api.db.pool.query<{ id: number }>(
    "INSERT INTO vehicles (name) VALUES ('in Munich'), ('in Lisbon') RETURNING id",
  );
  const places = [
    { id: rows[0]!.id, lat: 48.1, lon: 11.5 },
    { id: rows[1]!.id, lat: 38.7, lon: -9.1 },
  ];
  const stream = await open("?topics=positions&bbox=10,47,13,49");
  for (const { id, lat, lon } of places) {
    await api.db.pool.query(
      "INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'gps', now(), now(), $2, $3)",
      [id, lat, lon],
    );
  }
  await api.db.pool.query("SELECT pg_notify('changes', $1)", [
    JSON.stringify({ positions: places.map(({ id }) => id) }),
  ]);
  const events = await stream.until("positions");
  expect(events.at(-1)!.data).toEqual([expect.objectContaining({ vehicle_id: rows[0]!.id, lat: 48.1 })]);
  await stream.close();
});

test("a broken LISTEN connection is replaced, and clients are told to read everything again", async () => {
  const stream = await open("");
  const { rowCount } = await api.db.pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% listener'",
  );
  expect(rowCount).toBe(1);
  expect((await stream.until("reset")).at(-1)).toMatchObject({ event: "reset" });
  await stream.close();
});

test("a user has 20 streams at most, and may open another when one has ended", async () => {
  const headers = { Authorization: `Bearer ${await api.tokenOf("viewer")}` };
  const open = async () => api.app.request("/stream", { headers });
  const streams = await Promise.all(Array.from({ length: 20 }, open));
  expect(streams.map(({ status }) => status)).toEqual(Array(20).fill(200));
  const refused = await open();
  expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, "5"]);
  await streams[0]!.body!.cancel();
  const another = await open();
  expect(another.status).toBe(200);
  for (const { body } of [...streams.slice(1), another]) await body!.cancel();
});

test("an order that is placed, changed or drafted is told of, and with a restock order the stock that it is for", async () => {
  const made = async (path: string, body: object) => (await manager(`POST ${path}`, body)).body["id"] as number;
  const place = await made("/locations", { name: "Ordering shop" });
  const item = await made("/items", { sku: "ordered", name: "Ordered" });
  const stock = await made("/inventory-items", { item_id: item, location_id: place, quantity: 3 });
  const stream = await open("?topics=orders,stock");
  const lines = [{ item_id: item, quantity: 5 }];
  const order = await manager("POST /orders", { kind: "restock", location_id: place, lines });
  const rowsOf = (events: Event[], topic: string) =>
    events.flatMap(({ event, data }) => (event === topic ? (data as Record<string, unknown>[]) : []));
  await stream.until("orders");
  const placed = await stream.until("stock");
  expect(rowsOf(placed, "orders")).toEqual([order.body]);
  expect(rowsOf(placed, "stock")).toMatchObject([{ id: stock }]);
  await manager(`PUT /orders/${String(order.body["id"])}`, { status: "approved" });
  await stream.until("orders", 2);
  const approved = await stream.until("stock", 2);
  expect(rowsOf(approved, "orders").at(-1)).toMatchObject({ id: order.body["id"], status: "approved" });
  expect(rowsOf(approved, "stock").at(-1)).toMatchObject({ id: stock });
  await stream.close();
});
