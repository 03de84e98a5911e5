import { expect } from "vitest";
import { ingestApiTest } from "../support/ingest-test.ts";

type Row = Record<string, unknown>;
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Straight from the edge of one place to that of the other. */
const KM = 100;
const DRIVE_MIN = 100;

/** A depot and a shop 100 km north of it. Trucks need 100 minutes, a fix in two minutes. */
const test = ingestApiTest.extend("lane", async ({ world, rig, api, manager, operator, n }) => {
  const lon = 11 + n;
  const fence = (lat: number) => ({ lat, lon, radius_m: 500 });
  const depot = await world.location(`Depot ${n}`, "storage", fence(48));
  const shop = await world.location(`Shop ${n}`, "delivery", fence(48 + (KM + 1) / 111.195));
  let trucks = 0;
  const truck = async () => {
    trucks += 1;
    const id = await world.vehicle(`Truck ${n}-${trucks}`);
    const tracker = await world.device(`tracker-${n}-${trucks}`, "gps", { vehicle_id: id });
    const publish = async (fixes: { at: number; km: number }[]) => {
      const readings = fixes.map(({ at, km }) => ({ ts: at, lat: 48 + km / 111.195, lon, speed: 15, accuracy: 5 }));
      for (let from = 0; from < readings.length; from += 400)
        await rig.publish(`devices/${tracker}/gps`, readings.slice(from, from + 400));
      await rig.settled();
    };
    return { id, publish };
  };
  /** It stands at the depot, leaves it at `at`, and has come so far on its way after `untilMin` minutes; at the shop it stays for 20. */
  const wayThere = (at: number, untilMin = DRIVE_MIN + 20) => [
    ...[-20, -16, -12, -8, -4, -2].map((minute) => ({ at: at + minute * MINUTE, km: 0 })),
    ...Array.from({ length: Math.floor(untilMin / 2) }, (_, index) => {
      const minute = (index + 1) * 2;
      return { at: at + minute * MINUTE, km: Math.min(KM + 1, 0.5 + (minute / DRIVE_MIN) * KM) };
    }),
  ];
  const wayBack = (at: number) => wayThere(at).map(({ at, km }) => ({ at, km: KM + 1 - km }));
  /** So many days of going there and back. */
  const history = async (days: number) => {
    const { publish } = await truck();
    const now = Date.now();
    for (let day = days; day >= 1; day -= 1) {
      const at = now - day * DAY;
      await publish([...wayThere(at), ...wayBack(at + 180 * MINUTE)]);
    }
    const runs = async () =>
      (await api.db.pool.query("SELECT FROM lane_runs WHERE origin_id = $1 AND destination_id = $2", [depot, shop]))
        .rowCount;
    await expect.poll(runs).toBe(days);
  };
  const shipment = async (vehicle: number, loadedAt: number, more: object = {}) => {
    const goods = { product_name: "goods", quantity: 3, location: depot, destination_id: shop, ...more };
    const answer = await operator("POST /shipments", { ...goods, at: new Date(loadedAt - MINUTE).toISOString() });
    expect(answer.status).toBe(201);
    const id = answer.body["id"] as number;
    const loading = { vehicle_id: vehicle, at: new Date(loadedAt).toISOString() };
    expect((await operator(`POST /shipments/${id}/load`, loading)).status).toBe(200);
    const read = async () => (await manager(`GET /shipments/${id}`)).body as Row & { eta: Row & { basis: Row } };
    const promise = async (minutes: number) => {
      const due_at = new Date(Date.now() + minutes * MINUTE).toISOString();
      expect((await operator(`PUT /shipments/${id}`, { due_at })).status).toBe(200);
    };
    const alerts = async () => (await manager(`GET /alerts?subject=shipment:${id}&type=late`)).body as unknown as Row[];
    const isListed = async (filter: string) =>
      (
        (await manager(`GET /shipments?${filter}&q=${(await read())["tracking_number"] as string}`))
          .body as unknown as Row[]
      ).length > 0;
    return { id, read, promise, alerts, isListed };
  };
  return { depot, shop, truck, wayThere, history, shipment };
});

test("an arrival follows from the history of its lane; a late one is alerted, listed, and on time again with a margin", async ({
  lane,
}) => {
  await lane.history(4);
  const { id, publish } = await lane.truck();
  const departedAt = Date.now() - 60 * MINUTE;
  const shipment = await lane.shipment(id, departedAt - 5 * MINUTE);
  await publish(lane.wayThere(departedAt, 58));
  await expect.poll(async () => (await shipment.read()).eta.basis["kind"]).toBe("lane_history");
  const { eta } = await shipment.read();
  expect(eta.basis["runs"]).toBe(4);
  expect(eta.basis["text"]).toMatch(/^history of this lane: 4 earlier runs/);
  const minutesLeft = (Date.parse(String(eta["p50"])) - Date.now()) / MINUTE;
  expect(minutesLeft).toBeGreaterThan(34);
  expect(minutesLeft).toBeLessThan(46);
  expect(Date.parse(String(eta["p90"]))).toBeGreaterThan(Date.parse(String(eta["p50"])));
  expect(Math.abs(Date.parse(String(eta["position_at"])) - departedAt - 58 * MINUTE)).toBeLessThan(1_000);
  expect(await shipment.read()).toMatchObject({ promise: null });

  await shipment.promise(5);
  await expect.poll(async () => (await shipment.read())["promise"]).toBe("late");
  await expect.poll(shipment.alerts).toMatchObject([
    {
      ...{ state: "open", severity: "warning", shipment_id: shipment.id },
      title: expect.stringMatching(/late by about 3\d min.*by 4 earlier runs of its lane/),
      next_step: expect.stringContaining("Call the driver"),
      detail: { cause: "estimate", basis: "lane_history" },
    },
  ]);
  expect(await shipment.isListed("late=true")).toBe(true);
  expect(await shipment.isListed("late=false")).toBe(false);

  await shipment.promise(43);
  await expect.poll(async () => (await shipment.read())["promise"]).toBe("at_risk");
  await expect.poll(() => shipment.isListed("at_risk=true")).toBe(true);
  expect(await shipment.isListed("late=true")).toBe(false);
  // 15 minutes before the promise, and no sooner, the alert is over.
  expect(await shipment.alerts()).toMatchObject([{ state: "open" }]);
  await shipment.promise(90);
  await expect.poll(async () => (await shipment.read())["promise"]).toBe("on_time");
  await expect.poll(shipment.alerts).toMatchObject([{ state: "resolved" }]);
  // Overdue is late, whatever is known.
  await shipment.promise(-1);
  await expect.poll(shipment.alerts).toMatchObject([{ state: "open", detail: { cause: "overdue" } }]);
});

test("what was estimated is compared with what came true, by lane and horizon, also as CSV", async ({
  n,
  lane,
  manager,
  api,
}) => {
  await lane.history(3);
  const { id, publish } = await lane.truck();
  const departedAt = Date.now() - 105 * MINUTE;
  const shipment = await lane.shipment(id, departedAt - 5 * MINUTE);
  const way = lane.wayThere(departedAt, 104);
  const [before, after] = [50, 104].map((minute) => way.filter(({ at }) => at <= departedAt + minute * MINUTE)) as [
    typeof way,
    typeof way,
  ];
  await publish(before);
  const kept = async () =>
    (await api.db.pool.query("SELECT FROM eta_checks WHERE origin_id = $1", [lane.depot])).rowCount;
  await expect.poll(kept).toBe(1);
  const quality = async () =>
    (await manager(`GET /analytics/eta-quality?origin_id=${lane.depot}`)).body as unknown as Row[];
  expect(await quality()).toEqual([]);
  await publish(after.slice(before.length));
  await expect.poll(quality).toMatchObject([
    {
      ...{ origin_id: lane.depot, destination_id: lane.shop, horizon_minutes: 60, estimates: 1, by_lane_history: 1 },
      ...{ median_error_minutes: expect.any(Number), p90_coverage_percent: 100 },
    },
  ]);
  expect(Number((await quality())[0]!["median_error_percent"])).toBeLessThan(15);
  const csv = await api.app.request(`/analytics/eta-quality.csv?origin_id=${lane.depot}`, {
    headers: { Authorization: `Bearer ${await api.tokenOf("viewer")}` },
  });
  const [header, row, ...others] = (await csv.text()).trim().split("\r\n");
  expect(header).toMatch(/^id,origin_id,origin_name,destination_id,/);
  expect(row).toContain(`,Depot ${n},${lane.shop},Shop ${n},60,1,1,`);
  expect(others).toEqual([]);
  await expect
    .poll(async () => (await shipment.read()).eta.basis)
    .toMatchObject({ kind: "arrived", text: "its vehicle is there" });
});

test("without history the estimate says what it follows from, and without a vehicle or a geofence why there is none", async ({
  lane,
  world,
  operator,
  n,
}) => {
  const { id, publish } = await lane.truck();
  const departedAt = Date.now() - 40 * MINUTE;
  const shipment = await lane.shipment(id, departedAt - 5 * MINUTE);
  await publish(lane.wayThere(departedAt, 8));
  // The last fix is half an hour old: nothing says where it is now.
  await expect
    .poll(async () => (await shipment.read()).eta)
    .toMatchObject({ p50: null, p90: null, basis: { kind: "unknown", problem: "no_position" } });
  await publish(lane.wayThere(departedAt, 38).slice(10));
  await expect
    .poll(async () => (await shipment.read()).eta.basis)
    .toMatchObject({ kind: "vehicle_speed", text: expect.stringContaining("no history of this lane") });
  const other = await lane.truck();
  const guessed = await lane.shipment(other.id, Date.now() - 5 * MINUTE);
  await other.publish([{ at: Date.now() - MINUTE, km: 40 }]);
  await expect
    .poll(async () => (await guessed.read()).eta.basis)
    .toMatchObject({
      kind: "default",
      problem: "too_little_history",
      text: expect.stringMatching(/^a guess: 60 km\/h on 60/),
    });
  const unfenced = await world.location(`Field ${n}`, "delivery");
  const lost = await lane.shipment(other.id, Date.now() - 5 * MINUTE, { destination_id: unfenced });
  await expect.poll(async () => (await lost.read()).eta.basis["problem"]).toBe("no_geofence");
  const waiting = await operator("POST /shipments", {
    product_name: "goods",
    quantity: 1,
    location: lane.depot,
    destination_id: lane.shop,
  });
  expect(waiting.body).toMatchObject({
    ...{
      promise: null,
      eta: { p50: null, basis: { kind: "unknown", problem: "not_aboard", text: "not known: no vehicle carries it" } },
    },
  });
  const aimless = await operator("POST /shipments", { product_name: "goods", quantity: 1, location: lane.depot });
  expect(aimless.body).toMatchObject({ eta: null });
});
