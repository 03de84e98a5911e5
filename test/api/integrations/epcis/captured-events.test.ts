import { afterAll, beforeAll, expect, test } from "vitest";
import { worldIn } from "../../../support/world.ts";
import { type Partner, startPartner } from "./epcis-partner.ts";

const AT = Date.parse("2026-03-01T08:00:00Z");
const iso = (minute: number) => new Date(AT + minute * 60_000).toISOString();
const GLN = "4012345000009";
const HUB = "urn:epc:id:sgln:4012345.00000.0";

let ours: Partner;
let hub: number;
let shop: number;
let serial = 0;
beforeAll(async () => {
  ours = await startPartner("http://ours.test");
  const world = worldIn(ours.db.pool);
  hub = await world.location("hub", "storage");
  shop = await world.location("shop", "delivery");
  await ours.db.pool.query("UPDATE locations SET gln = $2 WHERE id = $1", [hub, GLN]);
});
afterAll(() => ours?.close());

const SHOP = () => `http://ours.test/locations/${shop}`;
/** An SSCC that nobody has used yet, as the EPC of a tag. */
const nextSscc = () => `urn:epc:id:sscc:4012345.0${String((serial += 1)).padStart(9, "0")}`;
const id = (): string => `urn:uuid:00000000-0000-4000-8000-${String((serial += 1)).padStart(12, "0")}`;

const event = (epc: string, minute: number, bizStep: string, more: object = {}) => ({
  type: "ObjectEvent",
  eventID: id(),
  eventTime: iso(minute),
  eventTimeZoneOffset: "+01:00",
  action: "OBSERVE",
  epcList: [epc],
  bizStep,
  ...more,
});
const made = (epc: string, minute = 0) =>
  event(epc, minute, "commissioning", { action: "ADD", bizLocation: { id: HUB } });

async function shipmentOf(epc: string) {
  const { rows } = await ours.db.pool.query<{ id: number; status: string; stage: string; location_id: number | null }>(
    `SELECT s.id, s.status, s.stage, s.location_id FROM epcis_shipments e JOIN shipments s ON s.id = e.shipment_id
    JOIN shipment_tags t ON t.shipment_id = s.id WHERE t.epc = $1`,
    [epc],
  );
  return rows[0];
}
async function eventsOf(epc: string) {
  const viewer = await ours.as("viewer");
  const { body } = await viewer(`GET /shipments/${(await shipmentOf(epc))!.id}/events`);
  return body as unknown as {
    type: string;
    rule: string;
    evidence: object[];
    voided: { reason: string } | null;
    confidence: number;
  }[];
}
async function unmatched() {
  const { rows } = await ours.db.pool.query<{ problem: string }>(
    "SELECT problem FROM epcis_meanings WHERE state = 'unmatched' ORDER BY position DESC",
  );
  return rows.map(({ problem }) => problem);
}

test("what a partner commissions at a place we know is a shipment; what he does with it moves it, whatever came first", async () => {
  const epc = nextSscc();
  const events = [
    made(epc),
    event(epc, 60, "departing", { disposition: "in_transit", readPoint: { id: HUB } }),
    event(epc, 120, "receiving", { bizLocation: { id: SHOP() } }),
    event(epc, 130, "accepting", { bizLocation: { id: SHOP() } }),
  ] as const;
  await ours.capture([events[2], events[1]]);
  expect(await shipmentOf(epc)).toBeUndefined();
  expect((await unmatched())[0]).toMatch(/is not known here, and no event about it says that it was made$/);
  await ours.capture([events[0]]);
  expect(await shipmentOf(epc)).toMatchObject({ stage: "delivery", location_id: shop });
  expect(await unmatched()).toEqual([]);
  await ours.capture([events[3]]);
  expect(await shipmentOf(epc)).toMatchObject({ status: "delivered", stage: "delivery" });
  const seen = await eventsOf(epc);
  expect(seen.map(({ type }) => type)).toEqual(["created", "reported", "scanned", "scanned"]);
  expect(seen[1]).toMatchObject({ rule: "epcis", confidence: 0.8, evidence: [{ epcis_event: events[1].eventID }] });
});

test("an event that its sender declares wrong is void, whether the declaration comes after it or before; what it had begun is cancelled", async () => {
  const declared = (of: object) => ({
    ...of,
    errorDeclaration: { declarationTime: iso(500), reason: "did_not_occur" },
  });
  for (const isFirst of [false, true]) {
    const epc = nextSscc();
    const wrong = event(epc, 60, "receiving", { bizLocation: { id: SHOP() } });
    await ours.capture([made(epc)]);
    await ours.capture(isFirst ? [declared(wrong)] : [wrong]);
    await ours.capture(isFirst ? [wrong] : [declared(wrong)]);
    expect(await shipmentOf(epc)).toMatchObject({ status: "in_storage", location_id: hub });
    const voids = (await eventsOf(epc)).filter(({ type }) => type === "void");
    expect(voids).toHaveLength(isFirst ? 0 : 1);
  }
  const epc = nextSscc();
  const beginning = made(epc);
  await ours.capture([beginning]);
  await ours.capture([declared(beginning)]);
  expect(await shipmentOf(epc)).toMatchObject({ status: "cancelled" });
  await ours.capture([made(epc, 5)]);
  expect(await shipmentOf(epc)).toMatchObject({ status: "in_storage", location_id: hub });
});

test("tags, SSCCs and addresses of shipments of ours are known; a gate that saw a tag inward says where it is", async () => {
  const world = worldIn(ours.db.pool);
  const shipment = await world.shipment(hub, null, AT);
  const tag = "urn:epc:id:sgtin:4012345.011111.5";
  await world.tag(shipment, tag);
  const truck = await world.vehicle("truck");
  await ours.capture([
    {
      ...event(tag, 10, "loading"),
      type: "AggregationEvent",
      epcList: undefined,
      action: "ADD",
      parentID: `http://ours.test/vehicles/${truck}`,
      childEPCs: [tag],
    },
  ]);
  expect(await world.shipmentRow(shipment)).toMatchObject({ vehicle_id: truck });
  await ours.capture([
    event(tag, 20, "urn:epcglobal:cbv:bizstep:entering_exiting", {
      readPoint: { id: SHOP() },
      bizLocation: { id: SHOP() },
    }),
  ]);
  expect(await world.shipmentRow(shipment)).toMatchObject({ vehicle_id: null, location_id: shop });
  await ours.capture([
    event(`http://ours.test/shipments/${shipment}`, 30, "https://ref.gs1.org/cbv/BizStep-departing", {
      readPoint: { id: SHOP() },
    }),
  ]);
  expect(await world.shipmentRow(shipment)).toMatchObject({ location_id: null, stage: "transportation" });
});

test("what is not known here is kept with the reason, and can be looked at again", async () => {
  const epc = nextSscc();
  const elsewhere = { id: "https://id.gs1.org/414/4099999000006" };
  await ours.capture([event(epc, 0, "commissioning", { action: "ADD", bizLocation: elsewhere })]);
  expect((await unmatched())[0]).toBe("the place https://id.gs1.org/414/4099999000006 is not known here");
  await ours.capture([
    {
      ...event(epc, 0, "cycle_counting"),
      epcList: undefined,
      quantityList: [{ epcClass: "https://id.gs1.org/01/04012345111118", quantity: 3 }],
    },
  ]);
  expect((await unmatched())[0]).toMatch(/^it names no single thing/);
});

test("an event of which nothing can be made is noted, and harms none beside it", async () => {
  const [epc, neighbour] = [nextSscc(), nextSscc()];
  const goods = ["one", "another"].map((name) => ({ name, quantity: 2_000_000_000 }));
  await ours.capture([made(nextSscc()), { ...made(epc), "waystock:goods": goods }, made(neighbour)]);
  expect(await shipmentOf(epc)).toBeUndefined();
  expect(await shipmentOf(neighbour)).toMatchObject({ location_id: hub });
  expect((await unmatched()).find((problem) => problem.startsWith("this event cannot be interpreted"))).toMatch(
    /out of range/,
  );
  const manager = await ours.as("manager");
  const listed = (await manager("GET /epcis/unmatched")).body as unknown as { id: number; problem: string }[];
  const { id: position } = listed.find(({ problem }) => problem.startsWith("this event cannot be interpreted"))!;
  expect((await manager(`POST /epcis/unmatched/${position}/retry`)).status).toBe(409);
});

test("an alarm of a partner's sensor is an excursion of the shipment, and moves nothing", async () => {
  const epc = nextSscc();
  const report = { type: "Temperature", value: 11.5, uom: "CEL", exception: "ALARM_CONDITION" };
  const sensorElementList = [{ sensorMetadata: { startTime: iso(40), endTime: iso(60) }, sensorReport: [report] }];
  await ours.capture([made(epc), event(epc, 60, "sensor_reporting", { sensorElementList, readPoint: { id: SHOP() } })]);
  expect(await shipmentOf(epc)).toMatchObject({ status: "in_storage", location_id: hub });
  expect((await eventsOf(epc)).map(({ type }) => type)).toEqual(["created", "excursion"]);
});

test("what leaves is on the road, also from where we do not know a place; on the road nothing leaves again", async () => {
  const manager = await ours.as("manager");
  const at = iso(0);
  const { body } = await manager("POST /shipments", { product_name: "Tea", quantity: 3, location: "production", at });
  expect(body).toMatchObject({ status: "in_production", location_id: null });
  const epc = `http://ours.test/shipments/${String(body["id"])}`;
  const now = async () => (await manager(`GET /shipments/${String(body["id"])}`)).body;
  await ours.capture([event(epc, 10, "departing", { disposition: "in_transit" })]);
  expect(await now()).toMatchObject({ stage: "transportation", status: "in_transit", stage_since: iso(10) });
  await ours.capture([event(epc, 20, "transporting")]);
  expect(await now()).toMatchObject({ stage: "transportation", stage_since: iso(10) });
  await ours.capture([event(epc, 30, "receiving", { bizLocation: { id: SHOP() } })]);
  expect(await now()).toMatchObject({ stage: "delivery", location_id: shop });
});
