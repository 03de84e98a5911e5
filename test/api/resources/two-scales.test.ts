import { expect } from "vitest";
import { ingestApiTest } from "../../support/ingest-test.ts";

const test = ingestApiTest;

test("a second scale of one product at one place is refused with advice, whenever the two would overlap", async ({
  world,
  manager,
  n,
}) => {
  const location_id = await world.location(`shop ${n}`, "delivery");
  const other = await world.location(`aisle ${n}`, "delivery");
  const item_id = await world.item(`TWO-${n}`, 250);
  const mount = { location_id, item_id };
  const add = (id: string, at: object) => manager("POST /devices", { id: `${id}-${n}`, kind: "scale", mount: at });
  expect((await add("left", mount)).status).toBe(201);
  const refused = await add("right", mount);
  expect(refused.status).toBe(409);
  expect(refused.body.errors).toEqual([
    { pointer: "/mount/item_id", message: expect.stringContaining(`left-${n} weighs this product at this place`) },
  ]);
  expect((await manager(`GET /devices/right-${n}`)).status).toBe(404);
  expect((await add("right", { ...mount, location_id: other })).status).toBe(201);
  expect((await manager(`PUT /devices/right-${n}`, { mount })).status).toBe(409);
  // The same scale may be mounted there again, with another tare.
  expect((await manager(`PUT /devices/left-${n}`, { mount: { ...mount, tare_grams: 20 } })).status).toBe(200);
  // A replacement counts from when the first is taken off, not before.
  expect((await manager(`PUT /devices/left-${n}`, { mount: null })).status).toBe(200);
  expect(
    (await manager(`PUT /devices/right-${n}`, { mount: { ...mount, since: "2026-01-01T00:00:00Z" } })).status,
  ).toBe(409);
  expect((await manager(`PUT /devices/right-${n}`, { mount })).status).toBe(200);
});
