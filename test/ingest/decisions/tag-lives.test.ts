import { expect } from "vitest";
import { withCheckDigit } from "../../../ingest/domain/gs1/check-digit.ts";
import { ingestApiTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const iso = (second: number) => new Date(T + second * 1000).toISOString();

const test = ingestApiTest.extend("tagged", ({ rig, world, operator, n }) => async () => {
  const plant = await world.location("plant", "production");
  const store = await world.location("warehouse", "storage");
  await world.device(`reader-${n}`, "rfid", { location_id: store, antennas: {} });
  const create = async (second: number): Promise<number> => {
    const body = { product_name: "x", quantity: 1, location: plant, at: iso(second) };
    return Number((await operator("POST /shipments", body)).body.id);
  };
  const bind = (id: number, epc: string, since?: string) =>
    operator(`POST /shipments/${id}/tags`, { epc, ...(since !== undefined && { since }) });
  /** the tag stands at the warehouse's reader for a while */
  const read = async (epc: string, second: number) => {
    const reads = Array.from({ length: 20 }, (_, i) => ({
      ts: T + second * 1000 + i * 500,
      epc,
      antenna: 1,
      rssi: -50,
    }));
    await rig.publish(`devices/reader-${n}/rfid`, reads);
    await rig.settled();
  };
  const deliver = (id: number, second: number) =>
    operator(`POST /shipments/${id}/proof-of-delivery`, { name: "Bob", at: iso(second) });
  const state = async (id: number) => {
    const { status, location_id } = (await operator(`GET /shipments/${id}`)).body;
    return { status, location_id };
  };
  return { plant, store, create, bind, read, deliver, state };
});

test("a tag has a second life when its shipment is closed, and is what it was when it was read", async ({
  tagged,
  operator,
}) => {
  const { plant, store, create, bind, read, deliver, state } = await tagged();
  const epc = "urn:epc:id:grai:0614141.12345.1";
  const first = await create(0);
  // The second shipment is known before the first is closed.
  const second = await create(60);
  await bind(first, epc);
  expect((await bind(second, epc)).status).toBe(409);
  await deliver(first, 1500);
  expect((await bind(second, epc)).status).toBe(201);
  expect((await operator(`GET /shipments/${first}/tags`)).body).toMatchObject([
    { epc, since: null, until: iso(1500.001) },
  ]);
  expect((await operator(`GET /shipments/${second}/tags`)).body).toMatchObject([
    { epc, since: iso(1500.001), until: null },
  ]);
  // Read in the first life, known only now.
  await read(epc, 300);
  expect(await state(second)).toMatchObject({ status: "in_production", location_id: plant });
  const events = (await operator(`GET /shipments/${first}/events`)).body as unknown as { type: string }[];
  expect(events.map(({ type }) => type)).toContain("seen");
  await read(epc, 3000);
  expect(await state(second)).toEqual({ status: "in_storage", location_id: store });
  expect(await state(first)).toMatchObject({ status: "delivered" });
  expect((await operator(`GET /shipments/${first}/events`)).body).toHaveLength(events.length);
});

test("the second life begins when the new shipment was created, or when the person says", async ({
  tagged,
  operator,
}) => {
  const { create, bind, read, deliver, state } = await tagged();
  const epc = "urn:epc:id:grai:0614141.12345.2";
  const first = await create(0);
  await bind(first, epc);
  await operator(`PUT /shipments/${first}`, { status: "cancelled" });
  const second = await create(3000);
  // Cancelled only today, without a time; the second shipment was entered after that, and is older.
  await read(epc, 3100);
  expect((await bind(second, epc)).status).toBe(201);
  expect((await operator(`GET /shipments/${second}/tags`)).body).toMatchObject([{ since: iso(3000) }]);
  expect(await state(second)).toMatchObject({ status: "in_storage" });
  await deliver(second, 5000);
  const third = await create(4000);
  await bind(third, epc, iso(5500));
  expect((await operator(`GET /shipments/${third}/tags`)).body).toMatchObject([{ since: iso(5500) }]);
  const fourth = await create(9000);
  await deliver(third, 8000);
  expect((await bind(fourth, epc, iso(10))).status).toBe(400);
  await bind(fourth, epc);
  expect((await operator(`GET /shipments/${fourth}/tags`)).body).toMatchObject([{ since: iso(9000) }]);
});

test("the SSCC of a unit of a closed shipment may be that of another unit", async ({ tagged, operator }) => {
  const { store, create, read, deliver, state } = await tagged();
  const sscc = withCheckDigit("10614141000000777");
  const epc = "urn:epc:id:sscc:0614141.1000000777";
  const first = await create(0);
  const second = await create(3000);
  const pack = (id: number) => operator(`POST /shipments/${id}/handling-units`, { sscc: epc });
  expect((await pack(first)).status).toBe(201);
  expect((await pack(second)).status).toBe(409);
  await deliver(first, 1500);
  expect(await pack(second)).toMatchObject({ status: 201, body: { sscc, packed_at: iso(3000) } });
  expect((await operator(`GET /shipments/${first}/handling-units`)).body).toMatchObject([{ unpacked_at: iso(3000) }]);
  await read(epc, 3100);
  expect(await state(second)).toEqual({ status: "in_storage", location_id: store });
  expect(await state(first)).toMatchObject({ status: "delivered" });
});
