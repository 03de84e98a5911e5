import { afterAll, beforeAll, expect, test } from "vitest";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { worldIn } from "../../support/world.ts";
import { startApi, type TestApi } from "../support.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const iso = (minute: number) => new Date(T + minute * 60_000).toISOString();

let api: TestApi;
let rig: IngestRig;
let world: ReturnType<typeof worldIn>;
beforeAll(async () => {
  api = await startApi();
  rig = await startIngestRig(api.db.pool);
  world = worldIn(api.db.pool);
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

interface Event {
  id: number;
  type: string;
  at: string;
  location_id: number | null;
  vehicle_id: number | null;
  voided: { event_id: number; reason: string; actor_id: number } | null;
  voids: { event_id: number; reason: string; restores: boolean } | null;
}

type Call = Awaited<ReturnType<TestApi["as"]>>;

async function eventsOf(call: Call, at: string): Promise<Event[]> {
  return (await call(`GET ${at}/events`)).body as unknown as Event[];
}

async function create(call: Call, location: number, destination: number): Promise<string> {
  const made = { product_name: "Milk", quantity: 5, location, destination_id: destination, at: iso(-60) };
  return `/shipments/${String((await call("POST /shipments", made)).body.id)}`;
}

async function place(name: string, lat: number, stage = "storage"): Promise<number> {
  return world.location(name, stage, { lat, lon: 11.5, radius_m: 300 });
}

/** Northwards at 20 m/s, one fix every 10 s, from minute 0. */
const drive = (lat: number, fixes: number) =>
  Array.from({ length: fixes }, (_, i) => ({
    ts: T + i * 10_000,
    lat: lat + (i * 200) / 111_195,
    lon: 11.5,
    accuracy: 5,
  }));

test("a loading onto the wrong truck is void: the shipment is where it was, and the history shows who said so and why", async () => {
  const [hub, shop] = [await place("hub", 50.1), await place("shop", 50.2, "delivery")];
  const truck = await world.vehicle("wrong truck");
  await world.device("tracker-1", "gps", { vehicle_id: truck });
  const manager = await api.as("manager");
  const at = await create(manager, hub, shop);
  await manager(`POST ${at}/load`, { vehicle_id: truck, at: iso(-30) });
  await rig.publish("devices/tracker-1/gps", drive(50.1, 57));
  await rig.settled();
  expect((await manager(`GET ${at}`)).body).toMatchObject({ status: "arrived", location_id: shop, vehicle_id: truck });

  const loaded = (await eventsOf(manager, at)).find(({ type }) => type === "loaded")!;
  const { status, body } = await manager(`POST ${at}/events/${loaded.id}/void`, {
    reason: "It stands at the hub still",
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: "in_storage", location_id: hub, vehicle_id: null });
  const events = await eventsOf(manager, at);
  const said = events.find(({ type }) => type === "void")!;
  expect(events.map(({ type, voided }) => [type, voided?.reason ?? null])).toEqual([
    ["created", null],
    ["loaded", "It stands at the hub still"],
    ["void", null],
  ]);
  expect(events[1]).toMatchObject({ vehicle_id: truck, voided: { event_id: said.id, actor_id: expect.any(Number) } });
  expect(said.voids).toEqual({ event_id: loaded.id, reason: "It stands at the hub still", restores: false });
  const { body: audit } = await (await api.as("auditor"))(`GET /audit?subject=${at}/events`);
  expect(audit).toMatchObject([
    {
      outcome: "done",
      detail: { before: { location_id: shop }, after: { event: { void_because: "It stands at the hub still" } } },
    },
  ]);

  // It was the right truck after all: a void of the void.
  const again = await manager(`POST ${at}/events/${said.id}/void`, { reason: "It was aboard, I looked at another" });
  expect(again.body).toMatchObject({ status: "arrived", location_id: shop, vehicle_id: truck });
  const restored = (await eventsOf(manager, at)).filter(({ type }) => type === "void" || type === "loaded");
  expect(restored.map(({ voided, voids }) => [voided, voids?.restores ?? null])).toEqual([
    [null, null],
    [null, false],
    [null, true],
  ]);
  const call = (id: number) => manager(`POST ${at}/events/${id}/void`, { reason: "once more" });
  expect(await call(said.id)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("taken back already") },
  });
  expect(await call(restored[2]!.id)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("restored event") },
  });
});

test("a sensor's fact that is void stays void when late readings give it again", async () => {
  const [hub, shop] = [await place("hub", 51.1), await place("shop", 51.2, "delivery")];
  const truck = await world.vehicle("truck");
  await world.device("tracker-2", "gps", { vehicle_id: truck });
  const manager = await api.as("manager");
  const [first, second] = [await create(manager, hub, shop), await create(manager, hub, shop)];
  for (const at of [first, second]) await manager(`POST ${at}/load`, { vehicle_id: truck, at: iso(-30) });
  // It stands at the hub for a minute. Half of the fixes come at once, the others too late for the window of 30 s.
  const standing = [6, 5, 4, 3, 2, 1].map((i) => ({ ts: T - i * 10_000, lat: 51.1, lon: 11.5, accuracy: 5 }));
  const fixes = [...standing, ...drive(51.1, 57)];
  await rig.publish(
    "devices/tracker-2/gps",
    fixes.filter((_, i) => i % 2 === 1),
  );
  await rig.settled();
  const departed = (await eventsOf(manager, first)).find(({ type }) => type === "departed")!;
  const reason = "The tracker was on another truck";
  expect((await manager(`POST ${first}/events/${departed.id}/void`, { reason })).status).toBe(200);
  // The fact is the vehicle's, so it is void for all that is aboard.
  for (const at of [first, second]) {
    const said = (await eventsOf(manager, at)).find(({ id }) => id === departed.id);
    expect(said).toMatchObject({ type: "departed", voided: { reason } });
  }
  await rig.publish(
    "devices/tracker-2/gps",
    fixes.filter((_, i) => i % 2 === 0),
  );
  await rig.settled();
  const after = await eventsOf(manager, first);
  const again = after.filter(({ type }) => type === "departed");
  // The late fixes show that it left at another second: void it is all the same.
  expect(again).toMatchObject([{ voided: { reason } }]);
  expect(again[0]!.at).not.toBe(departed.at);
  const said = after.find(({ type }) => type === "void")!;
  expect(said.voids?.event_id).toBe(again[0]!.id);
  expect((await manager(`POST ${first}/events/${said.id}/void`, { reason: "It was this truck" })).status).toBe(200);
  expect((await eventsOf(manager, first)).find(({ type }) => type === "departed")).toMatchObject({ voided: null });
});

test("what is no event of this shipment, void already or its beginning is refused in plain words", async () => {
  const [hub, shop] = [await place("hub", 52.1), await place("shop", 52.2, "delivery")];
  const truck = await world.vehicle("truck");
  const manager = await api.as("manager");
  const [mine, other] = [await create(manager, hub, shop), await create(manager, hub, shop)];
  await manager(`POST ${mine}/load`, { vehicle_id: truck, at: iso(0) });
  const [created, loaded] = await eventsOf(manager, mine);
  const [foreign] = await eventsOf(manager, other);
  const void_ = (id: number, reason = "wrong truck") => manager(`POST ${mine}/events/${id}/void`, { reason });
  expect(await void_(foreign!.id)).toMatchObject({
    status: 404,
    body: { detail: "there is no such event of this shipment" },
  });
  expect(await void_(2_000_000_000)).toMatchObject({ status: 404 });
  expect(await void_(created!.id)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("cancelled") },
  });
  expect(await void_(loaded!.id, "no")).toMatchObject({ status: 400 });
  expect((await void_(loaded!.id)).status).toBe(200);
  expect(await void_(loaded!.id)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("void already, by event") },
  });
  const operator = await api.as("operator");
  expect((await operator(`POST ${mine}/events/${loaded!.id}/void`, { reason: "wrong truck" })).status).toBe(403);
  // Two at once: one of them is told.
  const unloaded = await manager(`POST ${other}/unload`, { location_id: shop, at: iso(5) });
  expect(unloaded.status).toBe(200);
  const event = (await eventsOf(manager, other)).find(({ type }) => type === "unloaded")!;
  const both = await Promise.all(
    [1, 2].map(() => manager(`POST ${other}/events/${event.id}/void`, { reason: "wrong place" })),
  );
  expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]));
});

test("a delivery that is void takes the goods back out of the stock that they were received into", async () => {
  const [hub, shop] = [await place("hub", 53.1), await place("shop", 53.2, "delivery")];
  const { pool } = api.db;
  const manager = await api.as("manager");
  const at = await create(manager, hub, shop);
  await manager(`POST ${at}/unload`, { location_id: shop, at: iso(5) });
  await manager(`POST ${at}/proof-of-delivery`, { name: "Ada", at: iso(6) });
  const goods = async () =>
    (await pool.query("SELECT location_id FROM inventory WHERE shipment_id = $1", [Number(at.split("/")[2])])).rows;
  expect(await goods()).toEqual([{ location_id: shop }]);
  const unloaded = (await eventsOf(manager, at)).find(({ type }) => type === "unloaded")!;
  const proof = (await eventsOf(manager, at)).find(({ type }) => type === "proof")!;
  await manager(`POST ${at}/events/${proof.id}/void`, { reason: "another parcel" });
  await manager(`POST ${at}/events/${unloaded.id}/void`, { reason: "another parcel" });
  expect((await manager(`GET ${at}`)).body).toMatchObject({ status: "in_storage", location_id: hub });
  expect(await goods()).toEqual([{ location_id: hub }]);
});
