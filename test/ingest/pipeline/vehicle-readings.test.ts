import { expect } from "vitest";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

test("what a device tells of its vehicle is stored once, listed, and shown as its newest; odd values are refused by name", async ({
  rig,
  world,
  manager,
  n,
}) => {
  const id = `unit-${n}`;
  await world.device(id, "gps", { vehicle_id: await world.vehicle(`Truck ${n}`) });
  const ts = Date.now() - 60_000;
  const told = {
    ts,
    ignition: true,
    odometer: 184_230_500,
    fuel: 0.62,
    engine_hours: 1250.5,
    voltage: 27.4,
    driver: "CARD-7",
  };
  for (const payload of [told, told, { ts: ts + 1000, ignition: false }])
    await rig.publish(`devices/${id}/vehicle`, payload);
  await rig.publish(`devices/${id}/vehicle`, { ts: ts + 2000, fuel: 62 });
  await rig.publish(`devices/${id}/vehicle`, { ts: ts + 3000 });
  await rig.settled();
  const { body } = await manager(`GET /devices/${id}/readings?kind=vehicle`);
  const { ts: _, ...values } = told;
  expect(body).toMatchObject([
    { kind: "vehicle", ...values },
    { kind: "vehicle", ignition: false },
  ]);
  expect((await manager(`GET /devices/${id}`)).body).toMatchObject({ latest: { vehicle: { ignition: false } } });
  expect((await manager(`GET /devices/${id}/quality`)).body).toMatchObject({ stored: 2, duplicate: 1, quarantined: 2 });
  const refused = (await manager(`GET /quarantine?device_id=${id}`)).body as unknown as { detail: string }[];
  expect(refused.map(({ detail }) => detail).join("; ")).toMatch(
    /at least one of ignition, odometer.*; fuel: 62 is more than 1/s,
  );
});
