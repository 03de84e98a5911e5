import { expect } from "vitest";
import { ingestApiTest as test } from "../support/ingest-test.ts";

type Body = Record<string, unknown>;

/** A hall with tea of 250 g, a scale for packing, and an order that was picked. */
async function pickedOrder(
  { manager, operator }: { manager: Call; operator: Call },
  name: string,
): Promise<{ order: number; hall: number; pack: (unit: object) => ReturnType<Call> }> {
  const made = async (path: string, body: object) => (await manager(`POST ${path}`, body)).body["id"] as number;
  const hall = await made("/locations", { name, stage: "storage" });
  const tea = await made("/items", { sku: name, name: "Tea", unit_weight_grams: 250 });
  await made("/inventory-items", { item_id: tea, location_id: hall, quantity: 40 });
  const order = await made("/orders", {
    kind: "customer",
    ship_from_id: hall,
    lines: [{ item_id: tea, quantity: 12 }],
  });
  await manager(`PUT /orders/${order}`, { status: "approved" });
  expect((await operator(`POST /orders/${order}/pick`, {})).status).toBe(200);
  return { order, hall, pack: (unit) => operator(`POST /orders/${order}/pack`, { units: [unit] }) };
}
type Call = (route: string, body?: object) => Promise<{ status: number; body: Body }>;

test("a box is packed with the weight that the scale below it shows, and not when that differs", async ({
  manager,
  operator,
  world,
  rig,
}) => {
  const { order, hall, pack } = await pickedOrder({ manager, operator }, "weighed");
  await world.device("packing", "scale", { location_id: hall });
  expect((await operator("GET /packing-scales")).body).toMatchObject([
    { id: "packing", location_id: hall, weight_grams: null, measured_at: null },
  ]);
  expect((await pack({ weight: { scale_id: "packing" } })).body["detail"]).toBe(
    "the scale has not reported a weight yet",
  );
  const weigh = async (grams: number, stable: boolean) => {
    await rig.publish("devices/packing/scale", { ts: Date.now(), grams, stable });
    await rig.settled();
  };
  await weigh(2_900, false);
  expect((await pack({ weight: { scale_id: "packing" } })).body["detail"]).toMatch(/has not settled/);
  await weigh(2_930, true);
  const short = await pack({ weight: { scale_id: "packing", packaging_grams: 180 } });
  expect(short.status).toBe(409);
  expect(short.body["detail"]).toMatch(/^unit 1 weighs 2930 g, and should weigh 3180 g \(up to 125 g more or less\)/);
  expect((await manager(`GET /orders/${order}/units`)).body).toEqual([]);
  // The missing piece is put in.
  await weigh(3_178, true);
  expect((await pack({ weight: { scale_id: "packing", packaging_grams: 180 } })).body).toMatchObject({
    status: "packed",
  });
  expect((await manager(`GET /orders/${order}/units`)).body).toMatchObject([
    { weight_grams: 3178, packaging_grams: 180, expected_weight_grams: 3180, scale_id: "packing", weight_reason: null },
  ]);
});

test("a weight that differs is kept with the reason that a person gives; one that nobody can expect is kept too", async ({
  manager,
  operator,
}) => {
  const { order, pack } = await pickedOrder({ manager, operator }, "odd");
  expect((await pack({ weight: { grams: 4_000 } })).status).toBe(409);
  expect((await pack({ weight: {} })).body).toMatchObject({
    status: 400,
    errors: [{ pointer: "/units/0/weight/grams" }],
  });
  expect((await pack({ weight: { grams: 4_000, reason: "with ice" } })).status).toBe(200);
  expect((await manager(`GET /orders/${order}/units`)).body).toMatchObject([
    { weight_grams: 4000, expected_weight_grams: 3000, scale_id: null, weight_reason: "with ice" },
  ]);
});

test("a scale that weighs a shelf weighs no box, and what a person may not see is no scale", async ({
  manager,
  operator,
  world,
}) => {
  const { hall, pack } = await pickedOrder({ manager, operator }, "shelf");
  const { body } = await manager("GET /items?q=shelf");
  const [item] = body as unknown as { id: number }[];
  await world.device("below-shelf", "scale", { location_id: hall, item_id: item!.id });
  expect((await operator("GET /packing-scales")).body).not.toContainEqual(
    expect.objectContaining({ id: "below-shelf" }),
  );
  expect((await pack({ weight: { scale_id: "no-such" } })).body).toMatchObject({
    errors: [{ pointer: "/units/0/weight/scale_id" }],
  });
  expect((await pack({ weight: { scale_id: "below-shelf" } })).body["detail"]).toMatch(/weighs a shelf/);
});
