import { afterAll, beforeAll, expect, test } from "vitest";
import { startApi, type TestApi } from "../../api/support.ts";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { type IngestRig, startIngestRig } from "../../support/ingest.ts";
import { worldIn } from "../../support/world.ts";

let api: TestApi;
let rig: IngestRig;
let world: ReturnType<typeof worldIn>;
let operator: Awaited<ReturnType<TestApi["as"]>>;
let serial = 0;

beforeAll(async () => {
  api = await startApi();
  world = worldIn(api.db.pool);
  rig = await startIngestRig(api.db.pool);
  operator = await api.as("operator");
});
afterAll(async () => {
  await rig.close();
  await api.close();
});

const T = Date.parse("2026-03-01T08:00:00Z");
/** A logistic unit, as the SSCC on its label and as the EPC that a gate reads: extension digit 1, company prefix 0614141. */
function newUnit(): { sscc: string; epc: string } {
  const reference = String((serial += 1)).padStart(9, "0");
  return { sscc: withCheckDigit(`10614141${reference}`), epc: `urn:epc:id:sscc:0614141.1${reference}` };
}

async function gates() {
  const plant = await world.location("plant", "production");
  const store = await world.location("warehouse", "storage");
  const shop = await world.location("shop", "delivery");
  for (const place of [store, shop]) await world.device(`gate-${place}`, "rfid", { location_id: place, antennas: {} });
  const read = async (place: number, epc: string, second: number) => {
    await rig.publish(
      `devices/gate-${place}/rfid`,
      [0, 100, 200].map((ms) => ({ ts: T + second * 1000 + ms, epc })),
    );
    await rig.settled();
  };
  const shipment = () => world.shipment(plant, null, T - 3600_000, "production");
  const place = async (id: number) => (await operator(`GET /shipments/${id}`)).body.location_id;
  return { plant, store, shop, read, shipment, place };
}

test("case on pallet: a read of the pallet moves the shipment, and each unit names its parent", async () => {
  const { store, shop, read, shipment, place } = await gates();
  const [pallet, box] = [newUnit(), newUnit()];
  const item = await world.item("SKU-case");
  const id = await shipment();
  const packed = await operator(`POST /shipments/${id}/handling-units`, { sscc: pallet.sscc });
  expect(packed).toMatchObject({
    status: 201,
    body: { shipment_id: id, sscc: pallet.sscc, parent: null, contents: [] },
  });
  const contents = [{ item_id: item, quantity: 12 }];
  await operator(`POST /shipments/${id}/handling-units`, { sscc: box.epc, parent: pallet.sscc, contents });
  expect((await operator(`GET /shipments/${id}/handling-units`)).body).toMatchObject([
    { sscc: pallet.sscc, epc: null, parent: null, packed_at: null, unpacked_at: null },
    { sscc: box.sscc, epc: box.epc, parent: pallet.sscc, contents },
  ]);
  await read(store, pallet.epc, 0);
  expect(await place(id)).toBe(store);
  await read(shop, box.epc, 60);
  expect(await place(id)).toBe(shop);
  const { body: events } = await operator(`GET /shipments/${id}/events`);
  expect(events).toMatchObject([
    { type: "created" },
    { type: "seen", stage: "storage", rule: "tag-presence", device_id: `gate-${store}`, evidence: [{ kind: "rfid" }] },
    { type: "seen", stage: "delivery", device_id: `gate-${shop}` },
  ]);
});

test("a pallet moves the cases of other shipments while they are packed on it, at any depth, and not after", async () => {
  const { plant, store, shop, read, shipment, place } = await gates();
  const [container, pallet, box] = [newUnit(), newUnit(), newUnit()];
  const [whole, part] = [await shipment(), await shipment()];
  await operator(`POST /shipments/${whole}/handling-units`, { sscc: container.sscc });
  const second = await operator(`POST /shipments/${whole}/handling-units`, {
    sscc: pallet.sscc,
    parent: container.sscc,
  });
  const packed_at = new Date(T + 30_000).toISOString();
  await operator(`POST /shipments/${part}/handling-units`, { sscc: box.sscc, parent: pallet.sscc, packed_at });
  await read(store, container.epc, 0);
  expect([await place(whole), await place(part)]).toEqual([store, plant]);
  await read(shop, container.epc, 60);
  expect([await place(whole), await place(part)]).toEqual([shop, shop]);
  const scanner = await world.device(`scanner-${part}`, "scan", { location_id: plant });
  await rig.publish(`devices/${scanner}/scan`, {
    ts: T + 90_000,
    code: `(00)${pallet.sscc}`.replace(/[()]/g, ""),
    action: "receive",
  });
  await rig.settled();
  expect([await place(whole), await place(part)]).toEqual([plant, plant]);

  // A person records later that the pallet was unpacked before it reached the shop.
  const at = new Date(T + 50_000).toISOString();
  const path = `POST /shipments/${whole}/handling-units/${String(second.body.id)}/unpack`;
  expect(await operator(path, { at })).toMatchObject({ status: 200, body: { unpacked_at: at } });
  expect((await operator(path, { at })).status).toBe(409);
  const { body: events } = await operator(`GET /shipments/${part}/events`);
  expect(events).toMatchObject([{ type: "created" }, { type: "scanned", location_id: plant }]);
  await read(store, container.epc, 200);
  expect([await place(whole), await place(part)]).toEqual([store, plant]);
});

test("impossible units are refused with a pointer to the mistake", async () => {
  const { shipment } = await gates();
  const [one, other] = [await shipment(), await shipment()];
  const unit = newUnit();
  const path = `POST /shipments/${one}/handling-units`;
  const wrongDigit = unit.sscc.slice(0, -1) + String((Number(unit.sscc.at(-1)) + 1) % 10);
  for (const [body, pointer] of [
    [{ sscc: wrongDigit }, "/sscc"],
    [{ sscc: "urn:epc:id:sgtin:0614141.012345.1" }, "/sscc"],
    [{ sscc: unit.sscc, parent: newUnit().sscc }, "/parent"],
    [{ sscc: unit.sscc, contents: [{ item_id: 4711, quantity: 1 }] }, "/contents/0/item_id"],
    [{ sscc: unit.sscc, parent: unit.sscc }, "/parent"],
  ] as const) {
    expect(await operator(path, body), pointer).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  }
  expect((await operator(path, { sscc: unit.sscc })).status).toBe(201);
  expect((await operator(path, { sscc: unit.epc })).status).toBe(409);
  expect((await operator(`POST /shipments/${other}/tags`, { epc: unit.epc })).status).toBe(409);
  expect((await operator("POST /shipments/4711/handling-units", { sscc: newUnit().sscc })).status).toBe(404);
  const { body } = await operator(`GET /shipments/${one}/handling-units`);
  const id = String((body as unknown as { id: number }[])[0]!.id);
  expect((await operator(`POST /shipments/${other}/handling-units/${id}/unpack`)).status).toBe(404);
});
