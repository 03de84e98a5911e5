import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { startApi, type TestApi } from "../support.ts";

type Call = Awaited<ReturnType<TestApi["as"]>>;
interface Suggestion {
  id: number;
  name: string;
  quantity: number;
  places: { location_id: number; name: string; code: string; quantity: number; reasons: string[] }[];
  unplaced: number;
  problem: string | null;
}

let api: TestApi;
let manager: Call;
let operator: Call;
beforeAll(async () => {
  api = await startApi();
  [manager, operator] = [await api.as("manager"), await api.as("operator")];
});
afterAll(() => api?.close());

let n = 0;
let site: number;
let dock: number;
let milk: number;
async function add(path: string, body: object): Promise<number> {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
}
const place = (name: string, more: object = {}) =>
  add("/locations", { name, parent_id: site, kind: "storage", ...more });
const item = (name: string, more: object = {}) => add("/items", { sku: `${name}-${(n += 1)}`, name, ...more });
const stock = async (itemId: number, locationId: number, quantity: number, more: object = {}) =>
  add("/inventory-items", { item_id: itemId, location_id: locationId, quantity, ...more });
const suggestions = async (at = dock, query = "", call = operator) => {
  const { status, body } = await call(`GET /locations/${at}/put-away${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body as unknown as Suggestion[];
};
const put = (body: object, at = dock, call = operator) => call(`POST /locations/${at}/put-away`, body);
const levelOf = async (itemId: number, locationId: number) => {
  const { body } = await manager(`GET /inventory-items?item_id=${itemId}&location_id=${locationId}`);
  return (body as unknown as { quantity: number }[]).reduce((sum, { quantity }) => sum + quantity, 0);
};

beforeEach(async () => {
  site = await add("/locations", { name: `Site ${(n += 1)}` });
  dock = await place("Dock", { kind: "receiving" });
  milk = await item("Milk", { storage_category: "chilled", unit_volume_litres: 1 });
});

test("goods that have arrived are suggested a place with the reasons, and a scan of its label books them there", async () => {
  const cold = await place("Cold room", { kind: null, storage_category: "Chilled", capacity_litres: 30 });
  const shelf = await place("Cold 1", { parent_id: cold, barcode: `COLD-${n}`, capacity_units: 20 });
  const second = await place("Cold 2", { parent_id: cold });
  await place("Warm 1");
  const kept = await stock(milk, shelf, 5);
  const arrived = await stock(milk, dock, 24);
  const [suggested, ...others] = await suggestions();
  expect(others).toEqual([]);
  expect(suggested).toMatchObject({ id: arrived, name: "Milk", quantity: 24, unplaced: 0, problem: null });
  expect(suggested!.places).toEqual([
    {
      ...{ location_id: shelf, name: "Cold 1", code: `COLD-${n}`, quantity: 15 },
      reasons: [
        "it is a storage place",
        "5 of the same lie there already",
        "it is for chilled goods",
        "it has room for 15 more",
      ],
    },
    {
      ...{ location_id: second, name: "Cold 2", code: `LOC-${second}`, quantity: 9 },
      reasons: ["it is a storage place", "it is for chilled goods", "it is empty", "it has room for 10 more"],
    },
  ]);
  const done = await put({ inventory_item_id: arrived, quantity: 15, code: `COLD-${n}` });
  expect(done.status, JSON.stringify(done.body)).toBe(201);
  expect(done.body).toMatchObject({ location_id: shelf, location_name: "Cold 1", quantity: 15, left: 9 });
  expect(done.body["movement"]).toMatchObject({ kind: "transfer", quantity: -15, reason: "put away" });
  expect(JSON.stringify(done.body["movement"])).toContain(`scanned COLD-${n}`);
  expect((await put({ inventory_item_id: arrived, code: `loc-${second}` })).body).toMatchObject({
    quantity: 9,
    left: 0,
  });
  expect([await levelOf(milk, dock), await levelOf(milk, shelf), await levelOf(milk, second)]).toEqual([0, 20, 9]);
  expect(await suggestions()).toEqual([]);
  // The ledger says the same as the levels.
  const { rows } = await api.db.pool.query(
    `SELECT i.id FROM inventory_items i LEFT JOIN movements m ON m.inventory_item_id = i.id
    GROUP BY i.id HAVING i.quantity <> coalesce(sum(m.delta), 0)`,
  );
  expect(rows).toEqual([]);
  expect(kept).not.toBe(arrived);
});

test("another place than the suggested one is taken if the rules allow it, else refused with every reason, and nothing moves", async () => {
  const [shelf, other] = [
    await place("A", { storage_category: "chilled" }),
    await place("B", { storage_category: "chilled" }),
  ];
  const cage = await place("Cage", { storage_category: "hazard", capacity_units: 3 });
  const ramp = await place("Ramp", { kind: "shipping", storage_category: "chilled" });
  const elsewhere = await add("/locations", { name: "Elsewhere", kind: "storage", storage_category: "chilled" });
  const arrived = await stock(milk, dock, 10);
  expect((await suggestions())[0]!.places[0]!.location_id).toBe(shelf);
  const refused = await put({ inventory_item_id: arrived, code: `LOC-${cage}` });
  expect(refused.status).toBe(409);
  expect(refused.body["detail"]).toBe(
    "Milk may not be put to Cage: it takes hazard goods, and Milk is chilled; it has room for 3 more of Milk: its limit is 3 units",
  );
  expect(refused.body["errors"]).toHaveLength(2);
  for (const [location, words] of [
    [ramp, "it is a shipping place"],
    [elsewhere, "it lies in another site"],
    [dock, "the goods lie there already"],
  ] as const) {
    const answer = await put({ inventory_item_id: arrived, location_id: location });
    expect([answer.status, answer.body["detail"]]).toEqual([409, expect.stringContaining(words)]);
  }
  for (const [body, status] of [
    [{ inventory_item_id: arrived, code: "no such label" }, 400],
    [{ inventory_item_id: arrived, location_id: 987_654 }, 400],
    [{ inventory_item_id: 987_654, location_id: other }, 400],
    [{ inventory_item_id: arrived, location_id: other, quantity: 11 }, 409],
    [{ inventory_item_id: arrived }, 400],
    [{ inventory_item_id: arrived, location_id: other, code: "x" }, 400],
  ] as const)
    expect((await put(body)).status, JSON.stringify(body)).toBe(status);
  expect((await put({ inventory_item_id: arrived, location_id: other }, other)).status).toBe(409);
  expect((await put({ inventory_item_id: arrived, location_id: other }, dock, await api.as("viewer"))).status).toBe(
    403,
  );
  expect([await levelOf(milk, dock), await levelOf(milk, other), await levelOf(milk, cage)]).toEqual([10, 0, 0]);
  expect((await put({ inventory_item_id: arrived, location_id: other, quantity: 4 })).body["left"]).toBe(6);
  expect([await levelOf(milk, dock), await levelOf(milk, other)]).toEqual([6, 4]);
});

test("what is reserved stays, goods on hold go to quality, and from there what is good again", async () => {
  const shelf = await place("A");
  const quality = await place("Quality", { kind: "quality" });
  const bolt = await item("Bolt");
  const good = await stock(bolt, dock, 10);
  await api.db.pool.query("UPDATE inventory_items SET reserved = 4 WHERE id = $1", [good]);
  const moved = await manager("POST /movements", {
    ...{ inventory_item_id: good, quantity: 2, reason: "dented", to: { condition: "damaged" } },
  });
  expect(moved.status).toBe(201);
  const rows = await suggestions();
  expect(rows.map(({ quantity, places }) => [quantity, places.map(({ location_id: id }) => id)])).toEqual([
    [4, [shelf]],
    [2, [quality]],
  ]);
  expect((await put({ inventory_item_id: good, location_id: shelf, quantity: 5 })).status).toBe(409);
  expect((await put({ inventory_item_id: good, location_id: shelf })).status).toBe(201);
  expect((await put({ inventory_item_id: good, location_id: shelf })).status).toBe(409);
  expect((await put({ inventory_item_id: rows[1]!.id, location_id: quality })).status).toBe(201);
  expect(await suggestions(quality)).toEqual([]);
  const [held] = (await manager(`GET /inventory-items?location_id=${quality}`)).body as unknown as { id: number }[];
  await manager("POST /movements", {
    inventory_item_id: held!.id,
    quantity: 2,
    reason: "fine",
    to: { condition: "good" },
  });
  const [released] = await suggestions(quality);
  expect(released).toMatchObject({ quantity: 2, places: [{ location_id: shelf }] });
  expect((await put({ inventory_item_id: released!.id, code: `LOC-${shelf}` }, quality)).status).toBe(201);
});

test("the code of a product finds its goods, and the list is read page by page", async () => {
  await place("A");
  const oil = await item("Oil", {
    gtin: "4012345678901",
    packs: [{ unit: "box", quantity: 6, gtin: "14012345678908" }],
  });
  const positions = [await stock(oil, dock, 1), await stock(await item("Salt", { barcode: "SALT-CODE" }), dock, 1)];
  const named = async (code: string) =>
    (await suggestions(dock, `?code=${encodeURIComponent(code)}`)).map(({ id }) => id);
  expect(await named("4012345678901")).toEqual([positions[0]]);
  expect(await named("0104012345678901")).toEqual([positions[0]]);
  expect(await named("14012345678908")).toEqual([positions[0]]);
  expect(await named("SALT-CODE")).toEqual([positions[1]]);
  expect(await named("nothing such")).toEqual([]);
  const first = await operator(`GET /locations/${dock}/put-away?limit=1`);
  const next = /^<(.+)>; rel="next"$/.exec(first.headers.get("Link") ?? "")![1]!;
  expect((await operator(`GET ${next}`)).body).toMatchObject([{ id: positions[1] }]);
});

test("goods are put away from receiving and quality places alone, and lists of places know the kind", async () => {
  const shelf = await place("A");
  for (const at of [shelf, site]) {
    const answer = await operator(`GET /locations/${at}/put-away`);
    expect([answer.status, answer.body["detail"]]).toEqual([409, expect.stringContaining("receiving and quality")]);
  }
  expect((await operator("GET /locations/987654/put-away")).status).toBe(404);
  const docks = (await operator("GET /locations?kind=receiving&limit=200")).body as unknown as {
    id: number;
    kind: string;
  }[];
  expect(docks.map(({ id }) => id)).toContain(dock);
  expect(new Set(docks.map(({ kind }) => kind))).toEqual(new Set(["receiving"]));
  expect((await operator("GET /locations?kind=attic")).status).toBe(400);
});

test("however many put away at once, no place gets more than it has room for and nothing is lost", async () => {
  const shelf = await place("A", { capacity_units: 10 });
  const bolts = await Promise.all(Array.from({ length: 4 }, () => item("Bolt")));
  const positions = await Promise.all(bolts.map((bolt) => stock(bolt, dock, 5)));
  const answers = await Promise.all(
    positions.flatMap((id) =>
      [1, 2, 3, 4, 5].map(() => put({ inventory_item_id: id, quantity: 1, location_id: shelf })),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(10);
  const there = await Promise.all(bolts.map((bolt) => levelOf(bolt, shelf)));
  const left = await Promise.all(bolts.map((bolt) => levelOf(bolt, dock)));
  expect(there.reduce((sum, each) => sum + each, 0)).toBe(10);
  expect(left.reduce((sum, each) => sum + each, 0)).toBe(10);
});

test("a client that may see one hall is suggested places of it alone, and goods that it does not see take room", async () => {
  const hall = await add("/locations", { name: "Hall", parent_id: site });
  const bay = await add("/locations", { name: "Bay", parent_id: hall, kind: "receiving" });
  const mine = await add("/locations", { name: "Mine", parent_id: hall, kind: "storage", capacity_units: 4 });
  const foreign = await place("Foreign");
  const owner = await add("/parties", { name: "Owner", roles: "owner" });
  const bolt = await item("Bolt");
  await stock(bolt, mine, 3);
  const arrived = await stock(bolt, bay, 9, { owner_id: owner });
  const admin = await api.as("admin");
  const client = await addClient(admin, { name: "Hall", role: "operator", location_ids: [hall], owner_ids: [owner] });
  const token = await tokenOfClient(api, client);
  const limited: Call = (call, body) => operator(call, body, { Authorization: `Bearer ${token}` });
  const [suggested] = await suggestions(bay, "", limited);
  expect(suggested!.places.map(({ location_id: id, quantity }) => [id, quantity])).toEqual([[mine, 1]]);
  expect(suggested).toMatchObject({ unplaced: 8, problem: "there is no room for it" });
  const body = { inventory_item_id: arrived, quantity: 1 };
  expect((await put({ ...body, location_id: foreign }, bay, limited)).status).toBe(400);
  expect((await put({ ...body, quantity: 2, location_id: mine }, bay, limited)).status).toBe(409);
  expect((await put({ ...body, location_id: mine }, bay, limited)).status).toBe(201);
  expect((await limited(`GET /locations/${dock}/put-away`)).status).toBe(404);
});
