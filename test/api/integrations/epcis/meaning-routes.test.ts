import { afterAll, beforeAll, expect, test } from "vitest";
import { worldIn } from "../../../support/world.ts";
import { expectValid, type Partner, startPartner } from "./epcis-partner.ts";

let ours: Partner;
let hub: number;
beforeAll(async () => {
  ours = await startPartner("http://ours.test", "4012345");
  hub = await worldIn(ours.db.pool).location("hub", "storage");
});
afterAll(() => ours?.close());

interface Document {
  type: string;
  epcisBody: { eventList: { eventID: string; bizStep: string }[] };
}

test("a shipment's events are a document of EPCIS, by query or Accept, with the ids that partners get", async () => {
  const operator = await ours.as("operator");
  const { body: made } = await operator("POST /shipments", { product_name: "Milk", quantity: 5, location: hub });
  const path = `/shipments/${String(made["id"])}/events`;
  const before = await operator(`GET ${path}?format=epcis`);
  expect(before.headers.get("Content-Type")).toBe("application/ld+json");
  expectValid(before.body);
  const { eventList } = (before.body as unknown as Document).epcisBody;
  expect(eventList.map(({ bizStep }) => bizStep)).toEqual(["commissioning"]);
  await ours.tell();
  const after = await operator(`GET ${path}`, undefined, { Accept: "application/ld+json" });
  expect((after.body as unknown as Document).epcisBody.eventList).toEqual(eventList);
  expect((await ours.told()).map(({ eventID }) => eventID)).toEqual(eventList.map(({ eventID }) => eventID));
  const json = await operator(`GET ${path}`);
  expect(json.body).toMatchObject([{ type: "created" }]);
});

test("managers see what could not be matched with the reason; once its place is known it is taken, and its shipment is there", async () => {
  const gln = "4012345000016";
  const epc = "https://id.gs1.org/00/340999990000000013";
  const event = {
    type: "ObjectEvent",
    eventID: "urn:uuid:00000000-0000-4000-8000-00000000000a",
    eventTime: "2026-03-01T08:00:00Z",
    eventTimeZoneOffset: "+01:00",
    action: "ADD",
    epcList: [epc],
    bizStep: "commissioning",
    bizLocation: { id: `https://id.gs1.org/414/${gln}` },
  };
  await ours.capture([event]);
  const manager = await ours.as("manager");
  const { body } = await manager("GET /epcis/unmatched");
  expect(body).toMatchObject([
    {
      event_id: event.eventID,
      state: "unmatched",
      problem: `the place https://id.gs1.org/414/${gln} is not known here`,
      things: [epc],
    },
  ]);
  const [{ id }] = body as unknown as [{ id: number }];
  expect((await manager(`POST /epcis/unmatched/${id}/retry`)).body).toMatchObject({ state: "unmatched" });
  expect((await manager(`PUT /locations/${hub}`, { gln: "4012345000017" })).status).toBe(400);
  expect((await manager(`PUT /locations/${hub}`, { gln })).body).toMatchObject({ gln });
  expect((await manager(`POST /epcis/unmatched/${id}/retry`)).body).toMatchObject({ state: "taken", problem: null });
  expect((await manager("GET /epcis/unmatched")).body).toEqual([]);
  const { body: found } = await manager("GET /shipments?q=340999990000000013");
  expect(found).toMatchObject([{ tracking_number: "340999990000000013", location_id: hub, stage: "storage" }]);
  expect((await manager("POST /epcis/unmatched/987654/retry")).status).toBe(404);
});
