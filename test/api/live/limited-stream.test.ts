import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let admin: Awaited<ReturnType<TestApi["as"]>>;
let own: number;
let foreign: number;
beforeAll(async () => {
  api = await startApi();
  admin = await api.as("admin");
  own = (await admin("POST /locations", { name: "own yard" })).body["id"] as number;
  foreign = (await admin("POST /locations", { name: "foreign yard" })).body["id"] as number;
  await admin("POST /items", { sku: "bolt", name: "Bolt" });
});
afterAll(() => api?.close());

async function addManager(
  locationIds: readonly number[] | null,
  role: "manager" | "sales" = "manager",
): Promise<{ id: number; token: string }> {
  const token = await api.tokenOf(role);
  const { rows } = await api.db.pool.query<{ id: number }>("SELECT max(id) AS id FROM users");
  const { id } = rows[0]!;
  if (locationIds) {
    await api.db.pool.query("UPDATE users SET location_ids = $2 WHERE id = $1", [id, `{${locationIds.join(",")}}`]);
  }
  return { id, token };
}

interface Event {
  id: string | undefined;
  event: string;
  data: Array<Record<string, unknown>>;
}

/** Opens a stream and gathers its events until it is left. */
async function follow(token: string, lastEventId?: string) {
  const headers = { Authorization: `Bearer ${token}`, ...(lastEventId && { "Last-Event-ID": lastEventId }) };
  const response = await api.app.request("/stream", { headers });
  expect(response.status).toBe(200);
  const reader = response.body!.getReader();
  const events: Event[] = [];
  const ended = (async () => {
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      text += decoder.decode(value, { stream: true });
      const blocks = text.split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) {
        const event = /^event: (.*)$/m.exec(block)?.[1];
        const data = /^data: (.*)$/m.exec(block)?.[1];
        if (event && data) events.push({ id: /^id: (.*)$/m.exec(block)?.[1], event, data: JSON.parse(data) });
      }
    }
  })();
  return { events, ended, leave: () => reader.cancel() };
}

const namesOf = (events: readonly Event[]): unknown[] =>
  events.flatMap(({ event, data }) => (event === "shipments" ? data.map((row) => row["product_name"]) : []));

const ship = (name: string, location: number) =>
  admin("POST /shipments", { product_name: name, quantity: 1, location });

test("a viewer with limits gets what lies within them, live and after a reconnection", async () => {
  const { token } = await addManager([own]);
  const limited = await follow(token);
  const unlimited = await follow((await addManager(null)).token);
  await ship("foreign 1", foreign);
  await ship("own 1", own);
  await admin("POST /inventory-items", { item_id: 1, location_id: foreign, quantity: 4 });
  await admin("POST /inventory-items", { item_id: 1, location_id: own, quantity: 3 });
  const lines = [{ item_id: 1, quantity: 1 }];
  await admin("POST /orders", { kind: "restock", location_id: foreign, reference: "foreign order", lines });
  await admin("POST /orders", { kind: "restock", location_id: own, reference: "own order", lines });
  await admin("POST /devices", { id: "foreign-gate", kind: "rfid", mount: { location_id: foreign } });
  await admin("POST /devices", { id: "own-gate", kind: "rfid", mount: { location_id: own } });
  await expect.poll(() => namesOf(limited.events)).toContain("own 1");
  const stockOf = ({ events }: { events: readonly Event[] }): unknown[] =>
    events.flatMap(({ event, data }) => (event === "stock" ? data.map((row) => row["quantity"]) : []));
  const devicesOf = ({ events }: { events: readonly Event[] }): unknown[] =>
    events.flatMap(({ event, data }) => (event === "devices" ? data.map((row) => row["id"]) : []));
  await expect.poll(() => stockOf(limited)).toContain(3);
  await expect.poll(() => devicesOf(limited)).toContain("own-gate");
  await expect.poll(() => JSON.stringify(limited.events)).toContain("own order");
  await expect.poll(() => JSON.stringify(unlimited.events)).toContain("foreign order");
  await expect.poll(() => namesOf(unlimited.events)).toContain("own 1");
  expect(namesOf(unlimited.events)).toContain("foreign 1");
  expect(namesOf(limited.events)).not.toContain("foreign 1");
  expect(stockOf(limited)).not.toContain(4);
  expect(devicesOf(limited)).not.toContain("foreign-gate");
  expect(JSON.stringify(limited.events)).not.toContain("foreign");

  await limited.leave();
  await ship("foreign 2", foreign);
  await ship("own 2", own);
  await expect.poll(() => namesOf(unlimited.events)).toContain("own 2");
  const resumed = await follow(token, limited.events.findLast(({ id }) => id !== undefined)!.id);
  await expect.poll(() => namesOf(resumed.events)).toContain("own 2");
  expect(JSON.stringify(resumed.events)).not.toContain("foreign");
  expect(resumed.events.map(({ event }) => event)).not.toContain("reset");
  await resumed.leave();
  await unlimited.leave();
});

test.for(["with", "without"])(
  "sales %s limits are not told the statuses of goods to set an order to",
  async (limits) => {
    const locations = limits === "with" ? [own] : null;
    const [manager, sales] = [
      await follow((await addManager(locations)).token),
      await follow((await addManager(locations, "sales")).token),
    ];
    const lines = [{ item_id: 1, quantity: 1 }];
    const { id } = (await admin("POST /orders", { kind: "customer", location_id: own, lines })).body;
    await admin(`PUT /orders/${String(id)}`, { status: "approved" });
    const told = ({ events }: { events: readonly Event[] }): unknown[] =>
      events
        .flatMap(({ event, data }) => (event === "orders" ? data : []))
        .flatMap((row) => (row["id"] === id && row["status"] === "approved" ? [row["next_statuses"]] : []));
    await expect.poll(() => told(manager)).toEqual([["picking", "cancelled"]]);
    await expect.poll(() => told(sales)).toEqual([["cancelled"]]);
    await manager.leave();
    await sales.leave();
  },
);

test("other limits end the streams of a user at once, and hold for its next request", async () => {
  const { id, token } = await addManager(null);
  const shipment = (await ship("somewhere else", foreign)).body["id"];
  const headers = { Authorization: `Bearer ${token}` };
  const read = async (): Promise<number> =>
    (await api.app.request(`/shipments/${String(shipment)}`, { headers })).status;
  expect(await read()).toBe(200);
  const stream = await follow(token);
  await api.db.pool.query("UPDATE users SET location_ids = $2 WHERE id = $1", [id, `{${own}}`]);
  expect(await Promise.race([stream.ended.then(() => "ended"), sleep(5000, "open", { ref: false })])).toBe("ended");
  expect(await read()).toBe(404);
});
