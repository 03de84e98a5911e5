import { afterAll, beforeAll, expect, test } from "vitest";
import { idOfTelling } from "../../../../api/integrations/epcis/meaning/event-id.ts";
import type { EpcisEvent } from "../../../../ingest/domain/epcis/event.ts";
import type { NewFact } from "../../../../ingest/domain/fact.ts";
import { inTransaction, recordFacts } from "../../../../ingest/decisions/record-facts.ts";
import { worldIn } from "../../../support/world.ts";
import { type Partner, startPartner } from "./epcis-partner.ts";

const AT = Date.parse("2026-07-01T08:00:00.000Z");
const HUB = "https://id.gs1.org/414/4012345000009";
const TAG = "urn:epc:id:sgtin:4012345.011111.77";

let ours: Partner;
let hub: number;
let shop: number;
let milk: number;
beforeAll(async () => {
  ours = await startPartner("http://ours.test/", "4012345");
  const world = worldIn(ours.db.pool);
  hub = await world.location("hub", "storage");
  shop = await world.location("shop", "delivery");
  milk = await world.item("MILK", null, "4012345111118");
  await ours.db.pool.query("UPDATE locations SET gln = '4012345000009', time_zone = 'Europe/Berlin' WHERE id = $1", [
    hub,
  ]);
});
afterAll(() => ours?.close());

async function record(...facts: NewFact[]): Promise<void> {
  await inTransaction(ours.db.pool, (client) => recordFacts(client, { facts }));
}

/** What is told after this. */
async function toldBy(what: () => Promise<unknown>): Promise<EpcisEvent[]> {
  await ours.tell();
  const before = (await ours.told()).length;
  await what();
  await ours.tell();
  return (await ours.told()).slice(before);
}

async function shipment(more: object = {}): Promise<{ path: string; uri: string; id: number }> {
  const manager = await ours.as("manager");
  const body = { item_id: milk, quantity: 5, location: hub, at: new Date(AT).toISOString(), ...more };
  const { body: made } = await manager("POST /shipments", body);
  const path = `/shipments/${String(made["id"])}`;
  return { path, uri: `https://id.gs1.org/00/${String(made["tracking_number"])}`, id: Number(made["id"]) };
}

const pass = (direction: "in" | "out", at = AT + 60_000): NewFact => ({
  key: `gate-1:rfid:${TAG}:${at}`,
  subject: `tag:${TAG}`,
  at,
  type: "seen",
  data: { locationId: hub, portal: true, direction, reads: 9 },
  rule: "tag-presence",
  evidence: [],
  confidence: 0.9,
  deviceId: "gate-1",
  signal: `rfid ${TAG}`,
});

test("a shipment is told from its making to its acceptance, in the words of the Core Business Vocabulary", async () => {
  const truck = await worldIn(ours.db.pool).vehicle("truck");
  const operator = await ours.as("operator");
  let made!: Awaited<ReturnType<typeof shipment>>;
  const at = (minute: number) => new Date(AT + minute * 60_000).toISOString();
  const events = await toldBy(async () => {
    made = await shipment({ destination_id: shop });
    await operator(`POST ${made.path}/load`, { vehicle_id: truck, at: at(10) });
    await operator(`PUT ${made.path}`, { status: "out_for_delivery" });
    await operator(`POST ${made.path}/unload`, { location_id: shop });
    await operator(`POST ${made.path}/proof-of-delivery`, { name: "Ann" });
  });
  expect(
    events.map(({ type, action, bizStep, disposition }) => [type, action, bizStep, disposition].join(" ")),
  ).toEqual([
    "ObjectEvent ADD commissioning active",
    "AggregationEvent ADD packing active",
    "AggregationEvent ADD loading in_progress",
    "ObjectEvent OBSERVE storing in_progress",
    "AggregationEvent DELETE unloading in_progress",
    "ObjectEvent OBSERVE arriving in_progress",
    "ObjectEvent OBSERVE accepting in_progress",
  ]);
  expect(events[0]).toMatchObject({
    eventID: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) as string,
    eventTime: "2026-07-01T08:00:00.000Z",
    eventTimeZoneOffset: "+02:00",
    epcList: [made.uri],
    bizLocation: { id: HUB },
    destinationList: [{ type: "location", destination: `http://ours.test/locations/${shop}` }],
  });
  expect(events[1]).toMatchObject({
    parentID: made.uri,
    childQuantityList: [{ epcClass: "https://id.gs1.org/01/04012345111118", quantity: 5 }],
  });
  expect(events[2]).toMatchObject({ parentID: `http://ours.test/vehicles/${truck}`, childEPCs: [made.uri] });
});

test("an entry that turns out to be wrong is told again as wrong, with the right one after it; each once", async () => {
  const made = await shipment();
  const operator = await ours.as("operator");
  const truck = await worldIn(ours.db.pool).vehicle("other truck");
  await ours.tell();
  const [loading] = await toldBy(() => operator(`POST ${made.path}/load`, { vehicle_id: truck }));
  const manager = await ours.as("manager");
  const events = (await manager(`GET ${made.path}/events`)).body as unknown as { id: number; type: string }[];
  const { id } = events.find(({ type }) => type === "loaded")!;
  const voided = await toldBy(() => manager(`POST ${made.path}/events/${id}/void`, { reason: "wrong truck" }));
  expect(voided).toEqual([
    { ...loading, errorDeclaration: { declarationTime: expect.any(String) as string, reason: "did_not_occur" } },
  ]);
  const all = (await manager(`GET ${made.path}/events`)).body as unknown as { id: number; type: string }[];
  const restored = await toldBy(() =>
    manager(`POST ${made.path}/events/${all.find(({ type }) => type === "void")!.id}/void`, { reason: "it was right" }),
  );
  expect(restored).toEqual([{ ...loading, eventID: expect.any(String) as string }]);
  expect(restored[0]!.eventID).not.toBe(loading!.eventID);
});

test("a tag that passes a gate is told with its direction; derived again with another direction it is corrected, and taken back when it is void", async () => {
  const made = await shipment();
  await worldIn(ours.db.pool).tag(made.id, TAG);
  const [told] = (await toldBy(() => record(pass("in")))).filter(({ bizStep }) => bizStep === "entering_exiting");
  expect(told).toMatchObject({
    epcList: [TAG],
    readPoint: { id: HUB },
    bizLocation: { id: HUB },
    eventTimeZoneOffset: "+02:00",
  });
  expect(await toldBy(() => record(pass("in")))).toEqual([]);
  const corrected = await toldBy(() => record(pass("out")));
  expect(corrected).toEqual([
    {
      ...told,
      errorDeclaration: {
        declarationTime: expect.any(String) as string,
        reason: "incorrect_data",
        correctiveEventIDs: [corrected[1]!.eventID],
      },
    },
    expect.objectContaining({ bizStep: "entering_exiting", disposition: "in_transit", readPoint: { id: HUB } }),
  ]);
  expect(corrected[1]).not.toHaveProperty("bizLocation");
  const manager = await ours.as("manager");
  const events = (await manager(`GET ${made.path}/events`)).body as unknown as { id: number; type: string }[];
  const { id } = events.find(({ type }) => type === "seen")!;
  const voided = await toldBy(() => manager(`POST ${made.path}/events/${id}/void`, { reason: "wrong tag" }));
  expect(voided).toEqual([
    expect.objectContaining({ eventID: corrected[1]!.eventID, errorDeclaration: expect.anything() as object }),
  ]);
});

test("goods out of their limits are a sensor report with an alarm, in units of UN/ECE", async () => {
  const made = await shipment();
  const excursion: NewFact = {
    key: `watch:${made.id}`,
    subject: `shipment:${made.id}`,
    at: AT + 900_000,
    type: "excursion",
    data: { quantity: "celsius", since: AT + 300_000, worst: 9.25, min: 2, max: 8, minutes: 10 },
    rule: "shipment-watch",
    evidence: [],
    confidence: 1,
    deviceId: "probe 1",
  };
  await ours.tell();
  const [told] = await toldBy(() => record(excursion));
  expect(told).toMatchObject({
    bizStep: "sensor_reporting",
    epcList: [made.uri],
    bizLocation: { id: HUB },
    sensorElementList: [
      {
        sensorMetadata: { deviceID: "http://ours.test/devices/probe%201" },
        sensorReport: [{ type: "Temperature", value: 9.25, uom: "CEL", exception: "ALARM_CONDITION" }],
      },
    ],
  });
});

test("counts, units that are packed and orders that are received are told by number, with the order they belong to", async () => {
  const manager = await ours.as("manager");
  const made = await shipment();
  const stock = (await manager("POST /inventory-items", { item_id: milk, location_id: hub })).body;
  const milks = { epcClass: "https://id.gs1.org/01/04012345111118" };
  const events = await toldBy(async () => {
    const count = (await manager("POST /cycle-counts", { inventory_item_id: stock["id"] })).body;
    await manager(`POST /cycle-counts/${String(count["id"])}/count`, { quantity: 7 });
    await manager(`POST ${made.path}/handling-units`, {
      sscc: "340123450000000017",
      contents: [{ item_id: milk, quantity: 2 }],
    });
    const order = (
      await manager("POST /orders", { kind: "restock", location_id: hub, lines: [{ item_id: milk, quantity: 3 }] })
    ).body;
    const path = `/orders/${String(order["id"])}`;
    await manager(`PUT ${path}`, { status: "approved" });
    await manager(`PUT ${path}`, { status: "sent" });
    await manager(`POST ${path}/receive`, { lines: [{ line: 1, quantity: 3 }] });
  });
  const short = events.map(({ type, bizStep, action }) => `${type} ${action} ${bizStep}`);
  expect(short).toContain("ObjectEvent OBSERVE cycle_counting");
  expect(short).toContain("AggregationEvent ADD packing");
  expect(short).toContain("TransactionEvent ADD receiving");
  const counted = events.find(({ bizStep }) => bizStep === "cycle_counting");
  expect(counted).toMatchObject({ quantityList: [{ ...milks, quantity: 7 }], bizLocation: { id: HUB } });
  const received = events.find(({ bizStep }) => bizStep === "receiving");
  expect(received).toMatchObject({
    quantityList: [{ ...milks, quantity: 3 }],
    bizTransactionList: [
      { type: "po", bizTransaction: expect.stringMatching(/^http:\/\/ours\.test\/orders\/\d+$/) as string },
    ],
  });
  const packed = events.filter(({ bizStep }) => bizStep === "packing");
  expect(packed).toEqual([
    expect.objectContaining({ parentID: made.uri, childEPCs: ["https://id.gs1.org/00/340123450000000017"] }),
    expect.objectContaining({
      parentID: "https://id.gs1.org/00/340123450000000017",
      childQuantityList: [{ ...milks, quantity: 2 }],
    }),
  ]);
});

test("an event is told also where somebody has captured another one under its id", async () => {
  const { rows } = await ours.db.pool.query<{ next: number }>("SELECT coalesce(max(id), 0) + 1 AS next FROM shipments");
  const eventID = idOfTelling("http://ours.test", `shipment-${rows[0]!.next}-1`, 1, 0);
  const captured = { type: "ObjectEvent", eventTime: new Date(AT).toISOString(), eventTimeZoneOffset: "+00:00" };
  await ours.capture([{ ...captured, eventID, action: "OBSERVE", epcList: ["urn:epc:id:sgtin:4012345.011111.1"] }]);
  let made!: Awaited<ReturnType<typeof shipment>>;
  const told = await toldBy(async () => (made = await shipment()));
  expect(made.id).toBe(rows[0]!.next);
  expect(new Set(told.map(({ bizStep }) => bizStep))).toEqual(new Set(["commissioning", "packing"]));
});
