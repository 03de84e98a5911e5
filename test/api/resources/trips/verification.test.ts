import { afterAll, beforeAll, expect, test } from "vitest";
import type { Direction } from "../../../../ingest/domain/fact.ts";
import { openTripWorld, type TripWorld } from "./trip-world.ts";

let world: TripWorld;
beforeAll(async () => {
  world = await openTripWorld();
});
afterAll(() => world?.close());

const SSCC = "106141412345678908";
type Handling = Record<
  "read" | "missing" | "extra",
  { epc: string | null; sscc: string | null; shipment_id: number | null }[]
>;

const pass = (epc: string, clock: string, place: "dock" | "shop", direction: Direction) =>
  world.record(`tag:${epc}`, clock, "seen", { locationId: world.places[place], direction, portal: true, reads: 9 });

test("the load of a trip is verified by what went through the gates of its stops", async () => {
  const [planned, other] = [await world.shipment(), await world.shipment()];
  const unit = await world.manager(`POST /shipments/${planned}/handling-units`, { sscc: SSCC });
  expect(unit.status).toBe(201);
  const epcOfUnit = unit.body["epc"] as string | null;
  const tagged = async (shipment: number, epc: string): Promise<string> => {
    const { body } = await world.manager(`POST /shipments/${shipment}/tags`, { epc });
    return (body as unknown as { epc: string }[]).map((tag) => tag.epc).find((tag) => tag !== epcOfUnit)!;
  };
  const [second, stranger] = [
    await tagged(planned, "3034257BF7194E4000001A85"),
    await tagged(other, "3034257BF7194E4000001A86"),
  ];
  const stops = [world.stop("hub", "08:00-08:30", planned), world.stop("shop", "09:00-09:30", planned)];
  const id = await world.trip({ stops });
  const verified = async () => {
    const { status, body } = await world.manager(`GET /trips/${id}/verification`);
    expect(status).toBe(200);
    return body["stops"] as { is_final: boolean; load: Handling; unload: Handling }[];
  };
  expect((await verified())[0]).toMatchObject({
    is_final: false,
    load: { expected: 2, read: [], missing: [], read_rate: 0 },
  });
  await world.stay("hub", "07:30");
  await pass(second, "08:00", "dock", "out");
  await pass(stranger, "08:02", "dock", "out");
  await pass("urn:epc:raw:96.x1", "08:03", "dock", "out");
  await world.record(`vehicle:${world.trucks[0]}`, "08:10", "departed", { locationId: world.places.hub });
  const [hub] = await verified();
  expect(hub).toMatchObject({ is_final: true, load: { expected: 2, read_rate: 0.5 } });
  expect(hub!.load.read).toMatchObject([{ epc: second, shipment_id: planned, by: "gate", at: world.time("08:00") }]);
  expect(hub!.load.missing).toMatchObject([{ sscc: SSCC, shipment_id: planned, at: null }]);
  expect(hub!.load.extra).toMatchObject([
    { epc: stranger, shipment_id: other },
    { epc: "urn:epc:raw:96.x1", shipment_id: null, tracking_number: null },
  ]);

  // A scan at the hub that becomes known late: the unit was loaded.
  const loading = {
    action: "load" as const,
    locationId: world.places.hub,
    vehicleId: world.trucks[0],
    code: `00${SSCC}`,
  };
  await world.record(`shipment:${planned}`, "08:05", "scanned", loading);
  expect((await verified())[0]!.load).toMatchObject({ missing: [], read_rate: 1 });
  await world.stay("shop", "09:05");
  await pass(second, "09:10", "shop", "in");
  await pass(stranger, "09:11", "shop", "in");
  await world.record(`vehicle:${world.trucks[0]}`, "09:20", "departed", { locationId: world.places.shop });
  const [, shop] = await verified();
  expect(shop!.unload.read).toMatchObject([{ epc: second }]);
  expect(shop!.unload.missing).toMatchObject([{ sscc: SSCC }]);
  expect(shop!.unload.extra).toMatchObject([{ epc: stranger, shipment_id: other }]);
});
