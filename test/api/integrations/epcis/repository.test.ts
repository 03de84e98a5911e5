import { afterAll, beforeAll, expect, test } from "vitest";
import {
  appendEpcisEvents,
  type EpcisOrigin,
  type NewEpcisEvent,
} from "../../../../api/integrations/epcis/repository/append.ts";
import { eventColumns } from "../../../../api/integrations/epcis/repository/event-columns.ts";
import { transaction } from "../../../../ingest/decisions/record-facts.ts";
import { createDatabase, type TestDatabase } from "../../../support/postgres.ts";
import { worldIn } from "../../../support/world.ts";
import { sampleDocuments } from "./samples.ts";

const CONTEXT = [
  "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
  { example: "http://ns.example.com/epcis/" },
];
const origin: EpcisOrigin = { source: "captured", context: CONTEXT };
const event = (fields: object) => ({
  type: "ObjectEvent",
  eventTime: "2026-03-01T08:00:00+01:00",
  eventTimeZoneOffset: "+01:00",
  action: "OBSERVE",
  epcList: ["urn:epc:id:sscc:0614141.1234567890"],
  ...fields,
});

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db?.drop());

const append = (events: readonly NewEpcisEvent[], from = origin) =>
  transaction(db.pool, (client) => appendEpcisEvents(client, events, from));

test("all samples are kept as sent; sent again nothing is added", async () => {
  for (const { context, events, name } of sampleDocuments("valid")) {
    const from = { ...origin, context };
    const sent = events.map((each) => ({ event: each, body: JSON.stringify(each, null, 1) }));
    const first = await append(sent, from);
    expect(first.map(({ outcome }) => outcome)).not.toContain("conflict");
    const again = await append(sent, from);
    expect([...new Set(again.map(({ outcome }) => outcome))], name).toEqual(["known"]);
    const { rows } = await db.pool.query<{ event_id: string; body: string; context: string }>(
      "SELECT event_id, body, context FROM epcis_events WHERE event_id = ANY ($1)",
      [first.map(({ eventId }) => eventId)],
    );
    for (const { outcome, eventId } of first) {
      if (outcome !== "added") continue;
      const at = first.findIndex((each) => each.eventId === eventId);
      expect(rows.map(({ body }) => body)).toContain(sent[at]!.body);
    }
  }
});

test("another event with an id that is taken is a conflict; a declaration that the event is wrong has its id", async () => {
  const id = "urn:uuid:11111111-1111-4111-8111-111111111111";
  const wrong = { declarationTime: "2026-03-02T08:00:00Z", reason: "did_not_occur", correctiveEventIDs: [] };
  const outcomes = await append([
    { event: event({ eventID: id }) },
    { event: event({ eventID: id, action: "ADD" }) },
    { event: event({ eventID: id, errorDeclaration: wrong }) },
    { event: event({ eventID: id, errorDeclaration: { ...wrong, declarationTime: "2026-03-02T09:00:00+01:00" } }) },
  ]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(["added", "conflict", "added", "known"]);
});

test("one thing has one spelling, whatever the document calls it", () => {
  const bare = eventColumns(
    event({ bizStep: "shipping", disposition: "in_transit", readPoint: { id: "urn:epc:id:sgln:4012345.00005.0" } }),
    CONTEXT,
  );
  const full = eventColumns(
    event({
      eventTime: "2026-03-01T07:00:00.0000Z",
      epcList: ["https://example.com/00/106141412345678908?17=261231"],
      bizStep: "https://ref.gs1.org/cbv/BizStep-shipping",
      disposition: "urn:epcglobal:cbv:disp:in_transit",
      readPoint: { id: "https://id.gs1.org/gln/4012345000054" },
    }),
    CONTEXT,
  );
  expect(full).toEqual(bare);
  expect(bare).toMatchObject({
    anyEpcs: ["https://id.gs1.org/00/106141412345678908"],
    bizStep: "https://ref.gs1.org/cbv/BizStep-shipping",
    readPoint: "https://id.gs1.org/414/4012345000054",
    eventTime: "2026-03-01T07:00:00.000Z",
  });
});

test("names of extensions are full, their values stay", () => {
  const { canonical } = eventColumns(event({ "example:myField": { "example:inner": "urn:x:1" } }), CONTEXT);
  expect(canonical).toMatchObject({
    "http://ns.example.com/epcis/myField": { "http://ns.example.com/epcis/inner": "urn:x:1" },
  });
});

test("an event has the location whose barcode is its place, and those who are limited to others do not see it", async () => {
  const hub = await worldIn(db.pool).location("hub", "storage");
  await db.pool.query("UPDATE locations SET barcode = '4012345000054' WHERE id = $1", [hub]);
  const [added] = await append([{ event: event({ readPoint: { id: "urn:epc:id:sgln:4012345.00005.122" } }) }]);
  const { rows } = await db.pool.query("SELECT location_id FROM epcis_events WHERE event_id = $1", [added!.eventId]);
  expect(rows).toEqual([{ location_id: hub }]);
});
