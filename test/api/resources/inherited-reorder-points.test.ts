import { expect } from "vitest";
import { reorder } from "../../../ingest/workers/reorder-worker.ts";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { alertTest, type Row } from "../alert-shop.ts";

/** A site with a hall in it and two shelves in that; and one product. */
const test = alertTest.extend("site", async ({ manager, n }) => {
  const made = async (path: string, body: object): Promise<number> => {
    const answer = await manager(`POST ${path}`, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
    return answer.body["id"] as number;
  };
  const site = await made("/locations", { name: `site ${n}` });
  const hall = await made("/locations", { name: `hall ${n}`, parent_id: site });
  const shelf = await made("/locations", { name: `shelf ${n}`, parent_id: hall });
  const item = await made("/items", { sku: `SOAP-${n}`, name: `Soap ${n}` });
  const keep = (location_id: number, more: object = {}) =>
    made("/inventory-items", { item_id: item, location_id, ...more });
  const set = async (stock: number, reorder_point: number | null) => {
    const answer = await manager(`PUT /reorder-points/${stock}`, { reorder_point });
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    return answer.body;
  };
  const point = async (stock: number) => {
    const { body } = await manager(`GET /inventory-items/${stock}`);
    return [body["reorder_point"], body["reorder_point_source"], body["reorder_point_location_id"]];
  };
  return { site, hall, shelf, item, made, keep, set, point };
});

test("a position without a reorder point takes that of the nearest place above; its own overrides it, 0 is one, and clearing brings it back", async ({
  site: { site, hall, shelf, item, keep, set, point },
  manager,
}) => {
  const stock = await keep(shelf, { quantity: 20 });
  expect(await point(stock)).toEqual([0, "none", null]);
  const top = await keep(site, { reorder_point: 30 });
  expect(await point(stock)).toEqual([30, "inherited", site]);
  expect(await point(top)).toEqual([30, "own", site]);
  const middle = await keep(hall);
  expect(await point(middle)).toEqual([30, "inherited", site]);
  await set(middle, 25);
  expect(await point(stock)).toEqual([25, "inherited", hall]);
  // No reorder in the hall is no reorder on its shelf either: it is nearer than the site.
  await set(middle, 0);
  expect(await point(stock)).toEqual([0, "inherited", hall]);
  expect(await set(stock, 12)).toMatchObject({ reorder_point: 12, reorder_point_source: "own" });
  await set(middle, null);
  expect(await point(middle)).toEqual([30, "inherited", site]);
  expect(await point(stock)).toEqual([12, "own", shelf]);
  await set(stock, 0);
  expect(await point(stock)).toEqual([0, "own", shelf]);
  const etag = (await manager(`GET /inventory-items/${stock}`)).headers.get("ETag")!;
  const cleared = () => manager(`PUT /reorder-points/${stock}`, { reorder_point: null }, { "If-Match": etag });
  expect(await cleared()).toMatchObject({ status: 200, body: { reorder_point: 30 } });
  expect(await cleared()).toMatchObject({ status: 412 });
  expect(await point(stock)).toEqual([30, "inherited", site]);
  expect((await manager(`PUT /inventory-items/${stock}`, { reorder_point: 3 })).body).toMatchObject({
    reorder_point: 3,
  });
  expect((await manager(`PUT /inventory-items/${stock}`, { source: "ledger" })).body).toMatchObject({
    reorder_point: 3,
  });
  expect((await manager(`PUT /inventory-items/${stock}`, { reorder_point: null })).body).toMatchObject({
    reorder_point: 30,
  });
  // Goods that come to a place for the first time are kept there by the same rule; damaged ones are never reordered.
  const other = (await manager("POST /locations", { name: "other shelf", parent_id: hall })).body["id"];
  const move = (to: object) =>
    manager("POST /movements", { inventory_item_id: stock, quantity: 2, reason: "space", to });
  await move({ location_id: other });
  await move({ condition: "damaged" });
  const rows = (await manager(`GET /inventory-items?item_id=${item}`)).body as unknown as Row[];
  const at = (location: unknown, condition: string) =>
    rows.find((row) => row["location_id"] === location && row["condition"] === condition);
  expect(at(other, "good")).toMatchObject({ reorder_point: 30, reorder_point_source: "inherited" });
  expect(at(shelf, "damaged")).toMatchObject({ reorder_point: 0, reorder_point_source: "none" });
});

test("what is inherited follows a place that is moved, and is told to viewers and by a new ETag", async ({
  site: { site, hall, shelf, made, keep, point },
  manager,
  api,
}) => {
  await keep(site, { reorder_point: 30 });
  const stock = await keep(shelf, { quantity: 20 });
  const annex = await made("/locations", { name: "annex" });
  const before = await manager(`GET /inventory-items/${stock}`);
  expect((await manager(`PUT /locations/${hall}`, { parent_id: annex })).status).toBe(200);
  expect(await point(stock)).toEqual([0, "none", null]);
  const { body } = await manager(`GET /inventory-items/${stock}`, undefined, {
    "If-None-Match": before.headers.get("ETag")!,
  });
  expect(body).toMatchObject({ reorder_point: 0 });
  await keep(annex, { reorder_point: 7 });
  expect(await point(stock)).toEqual([7, "inherited", annex]);
  // Who may not see the place above is told the value alone.
  const admin = await api.as("admin");
  const client = await addClient(admin, { name: "limited", role: "manager", location_ids: [shelf] });
  const headers = { Authorization: `Bearer ${await tokenOfClient(api, client)}`, "Content-Type": "application/json" };
  const seen = async () => (await api.app.request(`/inventory-items/${stock}`, { headers })).json();
  const inherited = { reorder_point: 7, reorder_point_source: "inherited", reorder_point_location_id: null };
  expect(await seen()).toMatchObject(inherited);
  const put = async (reorder_point: number | null) =>
    (
      await api.app.request(`/reorder-points/${stock}`, {
        ...{ method: "PUT", headers, body: JSON.stringify({ reorder_point }) },
      })
    ).json();
  expect(await put(9)).toMatchObject({ reorder_point: 9, reorder_point_location_id: shelf });
  expect(await put(null)).toMatchObject(inherited);
});

test("suggestions, drafts and alerts go by the inherited reorder point, also when only that has changed", async ({
  site: { site, shelf, keep, set },
  shop: { judged, alertsOf },
  manager,
  api,
}) => {
  const top = await keep(site, { reorder_point: 10 });
  const stock = await keep(shelf, { quantity: 20 });
  const rule = { name: "low", type: "low_stock", location_ids: [site], params: { hold_seconds: 0 } };
  const { id } = (await manager("POST /alert-rules", rule)).body;
  const alerts = async () =>
    (await alertsOf(`subject=inventory_item:${stock}&type=low_stock`)).filter((alert) => alert["rule_id"] === id);
  const rows = async (path: string) => (await manager(`GET ${path}`)).body as unknown as Row[];
  const drafts = async () =>
    (await rows("/orders?kind=restock&status=draft&limit=200")).filter(({ made_for }) => made_for === stock);
  await judged();
  expect(await alerts()).toEqual([]);
  await set(top, 25);
  await expect.poll(alerts).toMatchObject([{ state: "open", detail: { projected: 20, reorder_point: 25 } }]);
  expect(await rows(`/reorder-suggestions?inventory_item_id=${stock}`)).toMatchObject([
    { reorder_point: 25, reorder_point_source: "inherited", reorder_point_location_id: site, suggested_quantity: 30 },
  ]);
  expect(await rows(`/inventory-items?below_reorder_point=true&location_id=${shelf}`)).toHaveLength(1);
  // The job of this ingest may have its turn just then, and waits for a minute.
  const reordered = async () => {
    await reorder(api.db.pool, 0);
    return drafts();
  };
  await expect.poll(reordered).toMatchObject([{ lines: [{ quantity: 30 }] }]);
  // An own 0 says that it is never reordered here.
  await set(stock, 0);
  await expect.poll(alerts).toMatchObject([{ state: "resolved" }]);
  await expect.poll(reordered).toEqual([]);
  expect(await rows(`/reorder-suggestions?inventory_item_id=${stock}`)).toEqual([]);
});

test("a position of an older data directory keeps its 0 until somebody takes it back, and an owner's goods keep to themselves", async ({
  site: { site, shelf, item, made, keep, set, point },
  world,
}) => {
  // As a row of before is after the migration.
  const old = await world.stock(item, shelf);
  await keep(site, { reorder_point: 30 });
  expect(await point(old)).toEqual([0, "own", shelf]);
  await set(old, null);
  expect(await point(old)).toEqual([30, "inherited", site]);
  const owner = await made("/parties", { name: "Owner", roles: ["owner"] });
  const theirs = await keep(shelf, { owner_id: owner });
  expect(await point(theirs)).toEqual([0, "none", null]);
  await keep(site, { owner_id: owner, reorder_point: 4 });
  expect(await point(theirs)).toEqual([4, "inherited", site]);
  expect(await point(old)).toEqual([30, "inherited", site]);
});

test("positions that are added while the one above changes end with what applies", async ({
  site: { site, hall, made, keep, set, point },
}) => {
  const top = await keep(site, { reorder_point: 1 });
  const shelves = await Promise.all(
    Array.from({ length: 5 }, (_, at) => made("/locations", { name: `bay ${at}`, parent_id: hall })),
  );
  const [stocks] = await Promise.all([
    Promise.all(shelves.map((shelf) => keep(shelf))),
    (async () => {
      for (let value = 2; value <= 5; value += 1) await set(top, value);
    })(),
  ]);
  for (const stock of stocks) expect(await point(stock)).toEqual([5, "inherited", site]);
});
