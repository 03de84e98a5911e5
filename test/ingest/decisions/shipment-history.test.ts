import { afterAll, beforeAll, expect, test } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { startApi, type TestApi } from "../../api/support.ts";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { worldIn } from "../../support/world.ts";

let api: TestApi;
let rig: IngestRig;
beforeAll(async () => {
  api = await startApi({ gs1CompanyPrefix: "0614141" });
  rig = await startIngestRig(api.db.pool);
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

const T = Date.parse("2026-03-01T08:00:00Z");
const iso = (minute: number) => new Date(T + minute * 60_000).toISOString();

test("every transition names its rule, its readings or person, and its confidence", async () => {
  const world = worldIn(api.db.pool);
  const operator = await api.as("operator");
  const [hub, shop] = [
    await world.location("hub", "storage", { lat: 48.1, lon: 11.5, radius_m: 300 }),
    await world.location("shop", "delivery", { lat: 48.2, lon: 11.5, radius_m: 300 }),
  ];
  const truck = await world.vehicle("truck");
  await world.device("tracker", "gps", { vehicle_id: truck });
  await world.device("gate", "rfid", { location_id: shop, antennas: {} });
  const made = { product_name: "Milk", quantity: 5, location: hub, destination_id: shop, at: iso(-60) };
  const { body: shipment } = await operator("POST /shipments", made);
  const at = `/shipments/${String(shipment.id)}`;
  await operator(`POST ${at}/tags`, { epc: "urn:epc:id:sscc:0614141.1000000001" });
  await operator(`POST ${at}/load`, { vehicle_id: truck, at: iso(-30) });
  // Northwards from the hub into the shop's geofence, one fix every 10 s at 20 m/s.
  const drive = Array.from({ length: 57 }, (_, i) => ({
    ts: T + i * 10_000,
    lat: 48.1 + (i * 200) / 111_195,
    lon: 11.5,
    accuracy: 5,
  }));
  await rig.publish("devices/tracker/gps", drive);
  const epc = "urn:epc:id:sscc:0614141.1000000001";
  await rig.publish(
    "devices/gate/rfid",
    [0, 1, 2].map((i) => ({ ts: T + 3600_000 + i * 500, seq: i, epc })),
  );
  await rig.settled();
  await operator(`PUT ${at}`, { status: "exception", at: iso(90) });

  const { body } = await operator(`GET ${at}/events`);
  const events = body as unknown as Record<string, unknown>[];
  const said = (type: string) => events.findLast((event) => event.type === type);
  const person = {
    rule: "person",
    confidence: 1,
    device_id: null,
    actor_id: expect.any(Number),
    evidence: [{ actor_id: expect.any(Number) }],
  };
  expect(said("created")).toMatchObject({ ...person, stage: "storage", location_id: hub });
  expect(said("loaded")).toMatchObject({ ...person, vehicle_id: truck, at: iso(-30) });
  const reading = (device: string, kind: string) => ({
    actor_id: null,
    device_id: device,
    evidence: expect.arrayContaining([expect.objectContaining({ device_id: device, kind, ts: expect.any(String) })]),
  });
  expect(said("departed")).toMatchObject({
    ...reading("tracker", "gps"),
    stage: "transportation",
    status: "out_for_delivery",
    vehicle_id: truck,
  });
  expect(said("arrived")).toMatchObject({ ...reading("tracker", "gps"), stage: "delivery", location_id: shop });
  expect(said("seen")).toMatchObject({ ...reading("gate", "rfid"), rule: "tag-presence" });
  expect(said("manual")).toMatchObject({ ...person, status: "exception", at: iso(90) });
  for (const { confidence, rule, recorded_at } of events) {
    expect([confidence, rule, recorded_at]).toEqual([expect.any(Number), expect.any(String), expect.any(String)]);
    expect(confidence).toBeGreaterThan(0);
    expect(confidence).toBeLessThanOrEqual(1);
  }
  expect(events.map((event) => event.at)).toEqual(events.map((event) => String(event.at)).toSorted());
});

test("a tracking number that is an SSCC is also the shipment's tag, unless that tag was bound by hand", async () => {
  const world = worldIn(api.db.pool);
  const operator = await api.as("operator");
  const store = await world.location("store", "storage");
  await world.device("door", "rfid", { location_id: store, antennas: {} });
  const made = { product_name: "Milk", quantity: 5, location: "production", at: iso(-60) };
  const { body: shipment } = await operator("POST /shipments", made);
  const number = String(shipment.tracking_number);
  const epcOf = (sscc: string) => `urn:epc:id:sscc:0614141.${sscc[0]}${sscc.slice(8, 17)}`;
  expect(number).toMatch(/^00614141\d{10}$/);
  await rig.publish(
    "devices/door/rfid",
    [0, 1, 2].map((i) => ({ ts: T + i * 500, epc: epcOf(number) })),
  );
  await rig.settled();
  const at = `/shipments/${String(shipment.id)}`;
  expect((await operator(`GET ${at}`)).body).toMatchObject({ stage: "storage", location_id: store });
  expect((await operator(`GET ${at}/tags`)).body).toMatchObject([{ epc: epcOf(number) }]);
  // The next number is already bound to a pallet.
  const next = epcOf(withCheckDigit(`00614141${String(Number(number.slice(8, 17)) + 1).padStart(9, "0")}`));
  expect((await operator(`POST ${at}/tags`, { epc: next })).status).toBe(201);
  const { body: other, status } = await operator("POST /shipments", made);
  expect([status, epcOf(String(other.tracking_number))]).toEqual([201, next]);
  expect((await operator(`GET /shipments/${String(other.id)}/tags`)).body).toEqual([]);
});
