import { expect } from "vitest";
import { ingestApiTest, twoTicks } from "../support/ingest-test.ts";

type Body = Record<string, unknown>;

const test = ingestApiTest.extend("awaited", ({ api, rig, world, manager, operator, n }) => {
  let places = 0;
  /** A product at a place, with a scale, a scanner and a tag reader there, and a restock order of 24 that was sent an hour ago. */
  return async (source: "ledger" | "scale" | "rfid") => {
    const made = async (path: string, body: object): Promise<number> => {
      const answer = await manager(`POST ${path}`, body);
      expect(answer.status, JSON.stringify(answer.body)).toBe(201);
      return answer.body["id"] as number;
    };
    const name = `${n}-${(places += 1)}`;
    const shop = await world.location(`shop ${name}`, "delivery");
    const item = await world.item(`SOAP-${name}`, 250);
    const stock = await world.stock(item, shop, source);
    const scale = await world.device(`scale-${name}`, "scale", { location_id: shop, item_id: item });
    const scanner = await world.device(`hand-${name}`, "scan", { location_id: shop });
    const order = await made("/orders", {
      ...{ kind: "restock", location_id: shop },
      lines: [{ item_id: item, quantity: 24 }],
    });
    for (const status of ["approved", "sent"]) await manager(`PUT /orders/${order}`, { status });
    await api.db.pool.query("UPDATE orders SET sent_at = now() - interval '1 hour' WHERE id = $1", [order]);
    const sentMs = Date.now() - 3_600_000;
    const at = (minute: number) => Math.round(sentMs + minute * 60_000);
    return {
      ...{ shop, item, stock, order, made },
      /** So many pieces are on the scale then. */
      async weigh(pieces: number, minute: number): Promise<void> {
        const reading = { ts: at(minute), grams: pieces * 250, stable: true };
        await rig.publish(`devices/${scale}/scale`, reading);
        await rig.settled();
      },
      async scan(quantity: number, minute: number): Promise<void> {
        const reading = { ts: at(minute), code: `SOAP-${name}`, action: "receive", quantity };
        await rig.publish(`devices/${scanner}/scan`, reading);
        await rig.settled();
      },
      receive: (quantity: number, minute: number, more: object = {}) =>
        operator(`POST /orders/${order}/receive`, {
          ...{ lines: [{ item_id: item, quantity }], at: new Date(at(minute)).toISOString() },
          ...more,
        }),
      /** Status and line of the order, once what has happened is settled. */
      async settled() {
        await twoTicks(rig, "receipts");
        const { body } = await manager(`GET /orders/${order}`);
        return { status: body["status"], ...(body["lines"] as Body[])[0] };
      },
      level: async () => (await manager(`GET /inventory-items/${stock}`)).body["quantity"],
    };
  };
});

test("a shelf scale receives an order in two lots; a person who enters the delivery note is told that it was received", async ({
  awaited,
}) => {
  const { weigh, settled, level, receive } = await awaited("scale");
  await weigh(5, 1);
  expect(await settled()).toMatchObject({ status: "sent", received: 0 });
  await weigh(15, 10);
  expect(await settled()).toMatchObject({ status: "partial", received: 10, received_by: { scale: 10 } });
  await weigh(29, 11);
  expect(await settled()).toMatchObject({ status: "received", received: 24, received_by: { scale: 24 } });
  const told = await receive(24, 20);
  expect([told.status, told.body["detail"]]).toEqual([409, "this order was received already: 24 of 24, told by scale"]);
  expect(await level()).toBe(29);
  // The same weights again, and later ones of the same level, change nothing.
  await weigh(15, 10);
  await weigh(29, 11);
  await weigh(29, 30);
  expect(await settled()).toMatchObject({ status: "received", received: 24 });
});

test("a person receives what a scale sees in part before and in part after: it is counted once, and so is the rest", async ({
  awaited,
}) => {
  const { weigh, settled, receive, level } = await awaited("scale");
  await weigh(0, 1);
  await weigh(10, 5);
  expect(await settled()).toMatchObject({ status: "partial", received: 10 });
  const note = await receive(20, 6);
  expect(note).toMatchObject({
    status: 200,
    body: { status: "partial", lines: [{ received: 20, received_by: { person: 20, scale: 10 } }] },
  });
  await weigh(20, 7);
  expect(await settled()).toMatchObject({ status: "partial", received: 20, received_by: { person: 20, scale: 20 } });
  await weigh(26, 9);
  expect(await settled()).toMatchObject({ status: "received", received: 26, quantity: 24 });
  expect(await level()).toBe(26);
});

test("what was said not to come and comes after all is not missing; readings that come late are put where they belong", async ({
  awaited,
}) => {
  const { weigh, settled, receive } = await awaited("scale");
  await weigh(0, 1);
  expect(await receive(18, 30, { short: true })).toMatchObject({
    body: { status: "received", lines: [{ received: 18, cancelled: 6 }] },
  });
  await weigh(24, 40);
  expect(await settled()).toMatchObject({ status: "received", received: 24, cancelled: 0 });
  // It was in two lots, which the scale tells only now.
  await weigh(18, 20);
  expect(await settled()).toMatchObject({
    ...{ status: "received", received: 24, cancelled: 0 },
    received_by: { person: 18, scale: 24 },
  });
  expect((await receive(24, 55)).status).toBe(409);
});

test("a handheld scan and a person who enters the delivery note take the goods in once, whichever comes first", async ({
  awaited,
}) => {
  const first = await awaited("ledger");
  await first.scan(24, 5);
  expect(await first.settled()).toMatchObject({ status: "received", received: 24, received_by: { scan: 24 } });
  expect(await first.level()).toBe(24);
  const second = await awaited("ledger");
  await second.receive(20, 5);
  expect(await second.level()).toBe(20);
  await second.scan(24, 6);
  expect(await second.settled()).toMatchObject({
    ...{ status: "received", received: 24 },
    received_by: { person: 20, scan: 24 },
  });
  expect(await second.level()).toBe(24);
  // A scan that was measured before the note, and comes after it.
  const third = await awaited("ledger");
  await third.receive(12, 30);
  await third.scan(12, 10);
  expect(await third.settled()).toMatchObject({ status: "partial", received: 12 });
  expect(await third.level()).toBe(12);
});

test("a receipt that a manager takes back is no longer received, and stays where a sensor has seen it", async ({
  awaited,
  manager,
}) => {
  const { receive, settled, level, stock, scan } = await awaited("ledger");
  await receive(24, 5);
  expect(await level()).toBe(24);
  const rows = (await manager(`GET /movements?inventory_item_id=${stock}`)).body as unknown as Body[];
  const taken = await manager(`POST /movements/${String(rows.at(-1)!["id"])}/reverse`, { reason: "another shop's" });
  expect(taken.status).toBe(201);
  expect(await level()).toBe(0);
  expect(await settled()).toMatchObject({ status: "sent", received: 0 });
  await scan(24, 20);
  expect(await settled()).toMatchObject({ status: "received", received: 24 });
});

test("a scanned receipt that a manager takes back is no longer received, and the goods count when they come", async ({
  awaited,
  manager,
}) => {
  const { receive, settled, level, stock, scan } = await awaited("ledger");
  await scan(24, 20);
  expect(await settled()).toMatchObject({ status: "received", received: 24 });
  const rows = (await manager(`GET /movements?inventory_item_id=${stock}`)).body as unknown as Body[];
  const taken = await manager(`POST /movements/${String(rows.at(-1)!["id"])}/reverse`, { reason: "another shop's" });
  expect(taken.status).toBe(201);
  expect(await level()).toBe(0);
  expect(await settled()).toMatchObject({ status: "sent", received: 0 });
  await receive(24, 10);
  expect(await settled()).toMatchObject({ status: "received", received: 24 });
  expect(await level()).toBe(24);
});

test("a delivered shipment receives the lines it carries and becomes stock; the delivery note says the same goods", async ({
  api,
  awaited,
  manager,
}) => {
  const { made, item, shop, order, settled, level, receive } = await awaited("ledger");
  const shipment = await made("/shipments", {
    ...{ item_id: item, quantity: 14, location: "production", destination_id: shop, order_id: order },
    at: new Date(Date.now() - 40 * 60_000).toISOString(),
  });
  expect(await settled()).toMatchObject({ status: "sent", received: 0 });
  const at = new Date(Date.now() - 20 * 60_000).toISOString();
  await manager(`POST /shipments/${shipment}/proof-of-delivery`, { name: "Eve", at });
  expect(await settled()).toMatchObject({ status: "partial", received: 14, received_by: { shipment: 14 } });
  expect(await level()).toBe(14);
  // The delivery note says the same 14, and that the rest will not come.
  const note = await receive(14, 55, { short: true });
  expect(note).toMatchObject({ body: { status: "received", lines: [{ received: 14, cancelled: 10 }] } });
  expect(await level()).toBe(14);
  const { rows } = await api.db.pool.query("SELECT key FROM facts WHERE key = $1", [`delivered:${shipment}`]);
  expect(rows).toHaveLength(1);
});

test("of a shipment that is delivered no more, nothing is received any more", async ({ awaited, manager }) => {
  const { made, item, shop, order, settled, level } = await awaited("ledger");
  const shipment = await made("/shipments", {
    ...{ item_id: item, quantity: 24, location: "production", destination_id: shop, order_id: order },
    at: new Date(Date.now() - 40 * 60_000).toISOString(),
  });
  await manager(`POST /shipments/${shipment}/proof-of-delivery`, {
    ...{ name: "Eve", at: new Date(Date.now() - 20 * 60_000).toISOString() },
  });
  expect(await settled()).toMatchObject({ status: "received", received: 24 });
  await manager(`POST /shipments/${shipment}/proof-of-delivery`, {
    ...{ name: "Eve", outcome: "refused", at: new Date(Date.now() - 10 * 60_000).toISOString() },
  });
  expect(await settled()).toMatchObject({ status: "sent", received: 0 });
  expect(await level()).toBe(0);
});
