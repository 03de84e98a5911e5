import { afterAll, beforeAll, expect, test } from "vitest";
import { follow } from "../../../api/integrations/events/followers.ts";
import { readEvents } from "../../../api/integrations/events/log.ts";
import { toCloudEvent } from "../../../api/integrations/events/cloud-event.ts";
import { fanOut } from "../../../api/integrations/relay/fan-out.ts";
import { worldIn } from "../../support/world.ts";
import { startApi, type TestApi } from "../support.ts";

const iso = (minute: number) => new Date(Date.parse("2026-03-01T08:00:00Z") + minute * 60_000).toISOString();

let api: TestApi;
let hub: number;
let shop: number;
let truck: number;
beforeAll(async () => {
  api = await startApi();
  const world = worldIn(api.db.pool);
  hub = await world.location("hub", "storage");
  shop = await world.location("shop", "delivery");
  truck = await world.vehicle("truck");
});
afterAll(() => api?.close());

async function load(): Promise<string> {
  const operator = await api.as("operator");
  const made = {
    product_name: "Milk",
    quantity: 5,
    location: hub,
    destination_id: shop,
    reference: "PO 7",
    at: iso(0),
  };
  const at = `/shipments/${String((await operator("POST /shipments", made)).body.id)}`;
  await operator(`POST ${at}/load`, { vehicle_id: truck, at: iso(10) });
  return at;
}

async function endOfLog(): Promise<number> {
  return (await readEvents(api.db.pool, 0, 100_000)).at(-1)?.position ?? 0;
}

/** Until nothing waits in the outbox. */
async function fanOutAll(): Promise<void> {
  while ((await fanOut(api.db.pool)) > 0);
}

test("what happens to a shipment is told in the order of its custody log, and a correction names the first event", async () => {
  await fanOutAll();
  const before = await endOfLog();
  const at = await load();
  const manager = await api.as("manager");
  const events = (await manager(`GET ${at}/events`)).body as unknown as { id: number; type: string }[];
  const loaded = events.find(({ type }) => type === "loaded")!;
  expect((await manager(`POST ${at}/events/${loaded.id}/void`, { reason: "wrong truck" })).status).toBe(200);
  await fanOutAll();
  const told = await readEvents(api.db.pool, before, 10);
  const id = Number(at.split("/")[2]);
  expect(told.map((event) => [event.id, event.type, event.corrects, event.happenedAt.toISOString()])).toEqual([
    [`shipment-${id}-1`, "shipment.stage_changed", null, iso(0)],
    [`shipment-${id}-2`, "shipment.moved", null, iso(10)],
    [`shipment-${id}-3`, "shipment.corrected", `shipment-${id}-2`, iso(10)],
  ]);
  const { tracking_number } = (await manager(`GET ${at}`)).body;
  expect(toCloudEvent(told[2]!, "https://waystock.test")).toMatchObject({
    specversion: "1.0",
    id: `shipment-${id}-3`,
    source: "https://waystock.test",
    type: "waystock.shipment.corrected.v1",
    subject: at,
    time: iso(10),
    corrects: `shipment-${id}-2`,
    data: { shipment_id: id, tracking_number, reference: "PO 7", kind: "withdrawn", reason: "void: wrong truck" },
  });
  const { rows } = await api.db.pool.query("SELECT FROM outbox");
  expect(rows).toEqual([]);
});

test("several relays at once tell of each event once, at rising positions", async () => {
  await fanOutAll();
  const before = await endOfLog();
  const paths = await Promise.all(Array.from({ length: 8 }, load));
  await Promise.all(Array.from({ length: 4 }, fanOutAll));
  const told = await readEvents(api.db.pool, before, 100);
  expect(told.map(({ id }) => id).toSorted()).toEqual(
    paths.flatMap((path) => [1, 2].map((nr) => `shipment-${path.split("/")[2]}-${nr}`)).toSorted(),
  );
  for (const path of paths) {
    const own = told.filter(({ subject }) => subject === path).map(({ id }) => id);
    expect(own).toEqual(own.toSorted());
  }
});

test("a follower gets the events after those that it is done with, whatever went wrong in between", async () => {
  const { pool } = api.db;
  await follow(pool, "somebody", 10, () => Promise.reject(new Error("a new follower begins at the end")));
  await load();
  await fanOutAll();
  const failed = follow(pool, "somebody", 10, () => Promise.reject(new Error("the other side is away")));
  await expect(failed).rejects.toThrow("the other side is away");
  const taken: string[] = [];
  const takeFirst = () =>
    follow(pool, "somebody", 10, ([first]) => {
      taken.push(first!.id);
      return Promise.resolve(first!.position);
    });
  expect([await takeFirst(), await takeFirst(), await takeFirst()]).toEqual([1, 1, 0]);
  expect(taken).toEqual([taken[0], taken[0]!.replace(/1$/, "2")]);
});

test("a row of which nothing can be made waits alone: all others are told, and it is told when it can be", async () => {
  await fanOutAll();
  const before = await endOfLog();
  const paths = [await load(), await load(), await load()];
  const [first, broken, last] = paths.map((path) => Number(path.split("/")[2])) as [number, number, number];
  const { pool } = api.db;
  const setTime = (at: string) =>
    pool.query(
      `ALTER TABLE custody_entries DISABLE TRIGGER custody_append_only;
      UPDATE custody_entries SET content = jsonb_set(content::jsonb, '{at}', '"${at}"')::json WHERE shipment_id = ${broken} AND position = 1;
      ALTER TABLE custody_entries ENABLE TRIGGER custody_append_only`,
    );
  await setTime("never");
  await expect(fanOut(pool)).rejects.toThrow("Invalid");
  const faults: unknown[] = [];
  while ((await fanOut(pool, ({ shipmentId, custodyPosition }) => faults.push([shipmentId, custodyPosition]))) > 0);
  expect(faults).toEqual([[broken, 1]]);
  const idsOf = async () => (await readEvents(pool, before, 100)).map(({ id }) => id);
  const others = [first, last].flatMap((id) => [`shipment-${id}-1`, `shipment-${id}-2`]);
  expect((await idsOf()).toSorted()).toEqual([...others, `shipment-${broken}-2`].toSorted());
  await setTime(iso(0));
  await pool.query("UPDATE outbox SET postponed_until = now()");
  await fanOutAll();
  expect((await idsOf()).at(-1)).toBe(`shipment-${broken}-1`);
});
