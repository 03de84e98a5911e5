import { expect } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { alertTest, type Row } from "../alert-shop.ts";

const DAY_MS = 86_400_000;

/** A hall with two racks; what is said of a place, and what is put there. */
const test = alertTest.extend("hall", async ({ manager, n }) => {
  const made = async (path: string, body: object): Promise<number> => {
    const answer = await manager(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  };
  const hall = await made("/locations", { name: `hall ${n}`, stage: "storage" });
  const racks = [
    await made("/locations", { name: `rack A ${n}`, parent_id: hall }),
    await made("/locations", { name: `rack B ${n}`, parent_id: hall }),
  ] as const;
  const item = (sku: string, more: object = {}) => made("/items", { sku: `${sku}-${n}`, name: sku, ...more });
  const set = async (id: number, capacity: object) =>
    expect((await manager(`PUT /locations/${id}`, capacity)).status).toBe(200);
  const of = async (id: number) => (await manager(`GET /locations/${id}/utilisation`)).body;
  const keep = (item_id: number, location_id: number, quantity?: number) =>
    made("/inventory-items", { item_id, location_id, quantity });
  const put = (stock: number, quantity: number, daysAgo = 0) =>
    made("/movements", {
      ...{ inventory_item_id: stock, quantity, reason: "moved" },
      at: new Date(Date.now() - daysAgo * DAY_MS).toISOString(),
    });
  return { hall, racks, item, set, of, keep, put };
});

test("a place holds its own stock and that of all below it; what has no known volume or weight is said and not counted", async ({
  hall: { hall, racks, item, set, of, keep },
  manager,
  viewer,
}) => {
  const crate = await item("crate", { unit_volume_litres: 50, unit_weight_grams: 12_500 });
  const bolt = await item("bolt", { unit_weight_grams: 10 });
  await keep(crate, hall, 4);
  await keep(crate, racks[0], 6);
  await keep(bolt, racks[1], 300);
  await keep(crate, racks[1]);
  expect(await of(hall)).toMatchObject({
    ...{ id: hall, fullest: null, percent: null, locations_below: 2, positions: 4 },
  });
  expect((await manager(`PUT /locations/${hall}`, { capacity_litres: -1 })).status).toBe(400);
  await set(hall, { capacity_units: 1_000, capacity_litres: 625, capacity_kilograms: 400 });
  await set(racks[0], { capacity_units: 8 });
  expect(await of(hall)).toMatchObject({
    ...{ positions_not_measured: 1, fullest: "litres", percent: 80 },
    units: { capacity: 1_000, used: 310, used_here: 4, used_below: 306, percent: 31, units_not_counted: 0 },
    litres: { capacity: 625, used: 500, used_here: 200, used_below: 300, percent: 80, units_not_counted: 300 },
    kilograms: { capacity: 400, used: 128, used_here: 50, used_below: 78, percent: 32, units_not_counted: 0 },
    // All of it was found by first counts: nobody has seen it come.
    forecast: { full_at: null, measure: null, window_days: 28, insufficient_history: true },
  });
  const below = (await viewer(`GET /locations/utilisation?parent_id=${hall}`)).body as unknown as Row[];
  expect(below).toMatchObject([{ id: racks[0], percent: 75, fullest: "units", locations_below: 0 }]);
  await set(hall, { capacity_units: null, capacity_litres: null, capacity_kilograms: null });
  expect(await of(hall)).toMatchObject({ percent: null, units: { capacity: null, percent: null, used: 310 } });
  expect((await viewer("GET /locations/987654/utilisation")).status).toBe(404);
});

test("the date on which a place is full follows from what came in and what left, with its inputs", async ({
  hall: { hall, racks, item, set, of, keep, put },
  manager,
}) => {
  const crate = await item("crate", { unit_weight_grams: 2_000 });
  const [own, other] = [await keep(crate, racks[0]), await keep(crate, racks[1])];
  await set(hall, { capacity_units: 250, capacity_kilograms: 1_000 });
  await put(own, 100, 13);
  expect(await of(hall)).toMatchObject({
    units: { used: 100, net_inflow: 100, net_per_day: null, full_at: null },
    forecast: { insufficient_history: true, full_at: null },
  });
  await put(own, 60, 20);
  await put(own, -20, 2);
  await put(own, 50, 40);
  // A move within the hall is no inflow, and what is older than the window counts as there.
  await manager("POST /movements", {
    inventory_item_id: own,
    quantity: 30,
    reason: "space",
    to: { location_id: racks[1] },
  });
  const before = Date.now();
  const full = await of(hall);
  expect(full).toMatchObject({
    units: { used: 190, net_inflow: 140, net_per_day: 5, capacity: 250 },
    kilograms: { used: 380, net_inflow: 280, net_per_day: 10 },
    forecast: { measure: "units", insufficient_history: false, history_days: 28, window_days: 28 },
  });
  const { full_at } = full["forecast"] as { full_at: string };
  expect((Date.parse(full_at) - before) / DAY_MS).toBeCloseTo(12, 1);
  expect((full["units"] as Row)["full_at"]).toBe(full_at);
  await put(own, -100);
  await put(other, -30);
  await put(own, -5);
  expect(await of(hall)).toMatchObject({ units: { used: 55, net_inflow: 5 } });
  await set(hall, { capacity_units: 55 });
  expect(await of(hall)).toMatchObject({ fullest: "units", percent: 100, forecast: { measure: "units" } });
});

test("a place that is nearly full is alerted with what fills it, once while it lasts, and over beyond the margin", async ({
  hall: { hall, racks, item, set, keep, put },
  shop: { judged, alertsOf },
  manager,
  viewer,
  rig,
  api,
}) => {
  const made = await manager("POST /alert-rules", {
    ...{ name: "nearly full", type: "capacity", location_ids: [hall] },
    params: { percent: 80, hold_seconds: 0, clear_margin_percent: 10 },
  });
  expect(made.status).toBe(201);
  const id = made.body["id"];
  const alerts = async () =>
    (await alertsOf(`type=capacity&location_id=${hall}`)).filter((alert) => alert["rule_id"] === id);
  const stock = await keep(await item("drum", { unit_volume_litres: 200 }), racks[0], 15);
  // Nothing is full without a capacity.
  await judged();
  expect(await alerts()).toEqual([]);
  await set(hall, { capacity_litres: 4_000 });
  await judged();
  expect(await alerts()).toEqual([]);
  await put(stock, 1);
  await expect.poll(alerts).toMatchObject([
    {
      ...{ state: "open", subject: `location:${hall}`, location_id: hall, inventory_item_id: null, times: 1 },
      title: expect.stringMatching(/^hall \d+ is 80 % full: 3200 of 4000 litres/),
      detail: { percent: 80, measure: "litres", used: 3_200, capacity: 4_000 },
    },
  ]);
  const [alert] = (await alerts()) as [{ evidence: { href: string }[] }];
  for (const { href } of alert.evidence) expect((await viewer(`GET ${href}`)).status).toBe(200);
  const admin = await api.as("admin");
  const seenBy = async (limits: object) => {
    const client = await addClient(admin, { name: "limited", role: "viewer", ...limits });
    const headers = { Authorization: `Bearer ${await tokenOfClient(api, client)}` };
    return ((await (await api.app.request(`/alerts?rule_id=${String(id)}`, { headers })).json()) as Row[]).length;
  };
  const owner = await admin("POST /parties", { name: "Owner", roles: ["owner"] });
  expect(await seenBy({ location_ids: [hall] })).toBe(1);
  expect(await seenBy({ location_ids: [racks[0]] })).toBe(0);
  expect(await seenBy({ owner_ids: [owner.body["id"]] })).toBe(0);
  for (const by of [-1, 1, -2, 2]) {
    await put(stock, by);
    await judged();
  }
  await rig.restart();
  await judged();
  expect(await alerts()).toMatchObject([{ state: "open", times: 1 }]);
  // 13 of 20: below 70 %.
  await put(stock, -3);
  await expect.poll(alerts).toMatchObject([{ state: "resolved", resolved_by: null }]);
  await set(hall, { capacity_litres: 2_600 });
  await expect.poll(async () => (await alerts())[0]).toMatchObject({ state: "open", detail: { percent: 100 } });
  await set(hall, { capacity_litres: null });
  await expect.poll(async () => (await alerts())[0]).toMatchObject({ state: "resolved" });

  // What a rule would have said of the last days, by the movements.
  await set(hall, { capacity_litres: 4_000 });
  const tried = await manager("POST /alert-rules/dry-run", {
    ...{ type: "capacity", location_ids: [hall], days: 3 },
    params: { percent: 80, hold_seconds: 0, clear_margin_percent: 10 },
  });
  expect(tried.body).toMatchObject({
    would_have_fired: 1,
    complete: true,
    examples: [{ subject: `location:${hall}` }],
  });
});
