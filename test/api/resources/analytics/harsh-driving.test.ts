import { expect } from "vitest";
import { type Row, alertTest as test } from "../../alert-shop.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DEGREE_M = 111_195;

test("harsh braking is counted per drive and driver, by the device and by fixes, and alerted where a rule asks for it", async ({
  rig,
  world,
  manager,
  shop,
  n,
}) => {
  const truck = await world.vehicle(`Harsh truck ${n}`);
  const device = `harsh-${n}`;
  await world.device(device, "gps", { vehicle_id: truck });
  await manager("POST /drivers", { name: `Ann ${n}`, token: `CARD-${n}` });
  const rules = (await manager("GET /alert-rules?limit=200")).body as unknown as Row[];
  expect(rules.filter(({ type }) => type === "harsh_driving")).toMatchObject([{ enabled: false }]);
  const rule = { name: `Harsh ${n}`, type: "harsh_driving", params: { on: "braking", min_g: 0.3 } };
  expect((await manager("POST /alert-rules", rule)).status).toBe(201);

  // It stands for two minutes, drives for ten, with one harsh braking that its fixes show, and stands again.
  const start = Math.floor((Date.now() - 30 * MINUTE) / SECOND) * SECOND;
  const speeds: [ts: number, speed: number][] = [];
  for (let minute = 0; minute < 2; minute += 1) speeds.push([start + minute * MINUTE, 0]);
  const began = start + 2 * MINUTE;
  for (let second = 0; second <= 300; second += 5) speeds.push([began + second * SECOND, 15]);
  const braked = began + 301 * SECOND;
  for (const [at, speed] of [15, 15, 11, 7.2, 4, 4, 4, 4].entries()) speeds.push([braked + at * SECOND, speed]);
  for (let second = 12; second <= 200; second += 4) speeds.push([braked + second * SECOND, 4]);
  for (let minute = 4; minute <= 9; minute += 1) speeds.push([braked + minute * MINUTE, 0]);
  let [north, before, last] = [0, start, 0];
  for (const [ts, speed] of speeds) {
    if (ts < braked + 4 * MINUTE) north += ((speed + last) / 2) * ((ts - before) / SECOND);
    [before, last] = [ts, speed];
    await rig.publish(`devices/${device}/gps`, { ts, lat: 48 + north / DEGREE_M, lon: 11, accuracy: 5, speed });
  }
  const tell = (ts: number, told: object) => rig.publish(`devices/${device}/vehicle`, { ts, ...told });
  await tell(began, { driver: `CARD-${n}` });
  // The device measures the same braking, and cornering that fixes do not show.
  await tell(braked + 3 * SECOND, { harsh: "braking", harsh_g: 0.42 });
  await tell(braked + 60 * SECOND, { harsh: "cornering" });
  await rig.settled();

  const drives = (await manager(`GET /vehicles/${truck}/drives`)).body;
  const counts = { harsh_braking: 1, harsh_acceleration: 0, harsh_cornering: 1 };
  expect(drives).toMatchObject([{ driver_name: `Ann ${n}`, ...counts }]);
  for (const by of ["vehicle", "driver"]) {
    const rows = (await manager(`GET /analytics/vehicles?by=${by}&vehicle_id=${truck}`)).body;
    expect(rows).toMatchObject([{ vehicle_id: truck, drives: 1, ...counts }]);
  }
  const found = () => shop.alertsOf(`subject=vehicle:${truck}&type=harsh_driving`);
  await expect.poll(found, { timeout: 20_000 }).toMatchObject([
    {
      state: "open",
      vehicle_id: truck,
      title: expect.stringMatching(new RegExp(`^Harsh truck ${n} braked harshly, 0\\.\\d+ g`)),
      evidence: [{ title: "Vehicle" }, { href: `/vehicles/${truck}/drives` }],
    },
  ]);
  const tried = await manager("POST /alert-rules/dry-run", { type: "harsh_driving", params: { on: "cornering" } });
  expect(tried.body).toMatchObject({ would_have_fired: 1, complete: true });
});
