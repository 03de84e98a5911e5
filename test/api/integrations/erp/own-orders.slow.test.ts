import { afterAll, beforeAll, expect, test } from "vitest";
import { startErpnext } from "../../../support/erp/erpnext.ts";
import { startFileDrop } from "../../../support/erp/file-drop.ts";
import { type ErpTest, startErpTest } from "./erp-test.ts";
import { ofErpnext, SIDES, sync } from "./own-order-sides.ts";

let erp: ErpTest;
beforeAll(async () => {
  erp = await startErpTest();
});
afterAll(() => erp?.close());

/** A place of its own, so that orders of other tests are none of its business. */
let places = 0;
const newPlace = (): Promise<number> => erp.world.location(`hub ${(places += 1)}`, "storage");

async function partyOf(name: string): Promise<number> {
  const parties = await erp.list<{ id: number; name: string }>("/parties?limit=200");
  return parties.find((each) => each.name === name)!.id;
}

async function itemOf(sku: string): Promise<number> {
  const items = await erp.list<{ id: number; sku: string }>(`/items?q=${sku}`);
  return items.find((each) => each.sku === sku)!.id;
}

async function place(body: object): Promise<number> {
  const { status, body: made } = await erp.admin("POST /orders", body);
  expect(status, JSON.stringify(made)).toBe(201);
  const id = Number(made["id"]);
  expect((await erp.admin(`PUT /orders/${id}`, { status: "approved" })).status).toBe(200);
  return id;
}

test.for(Object.keys(SIDES))(
  "an order that is placed here is made in %s once, whatever is cut off, and its goods are told there",
  async (name) => {
    const hub = await newPlace();
    const side = await SIDES[name]!(hub);
    const sku = `own-${name.replace(/\W+/g, "-")}`;
    side.item(sku);
    const id = await erp.connect({ name, ...side.connection });
    await erp.sync(id);
    const [item, customer, supplier] = [await itemOf(sku), await partyOf("Corner Shop"), await partyOf("Dairy")];
    const of = (quantity: number) => [{ item_id: item, quantity }];
    const sale = { kind: "customer", customer_id: customer, ship_from_id: hub, ship_to_id: erp.shop };
    const purchase = { kind: "restock", supplier_id: supplier, ship_to_id: hub };
    await place({ ...sale, lines: of(5), reference: "Phone 12" });
    const bought = await place({ ...purchase, lines: of(7) });
    // The connection breaks after each request that changes something, before the answer: nothing is made twice.
    for (let nth = 1; nth <= 8; nth += 1) {
      let left = nth;
      side.there.faults.afterWork = ({ method, url }) => {
        const changes = method === "PUT" || (method === "POST" && !/search_read|fields_get|common/.test(url.pathname));
        if (changes) left -= 1;
        return left === 0 ? Promise.reject(new Error("the connection breaks")) : Promise.resolve();
      };
      await erp.sync(id);
    }
    delete side.there.faults.afterWork;
    expect(await erp.sync(id)).toMatchObject({ state: "waiting", problem: null, conflicts: 0 });
    expect(side.orders("sale")).toMatchObject([
      { state: "open", partner: "Corner Shop", lines: [{ sku, quantity: 5, done: 0 }] },
    ]);
    expect(side.orders("purchase")).toMatchObject([{ state: "open", partner: "Dairy", lines: [{ sku, quantity: 7 }] }]);
    // It comes back from there, and is no second order here.
    await erp.sync(id);
    const here = await erp.list<{ id: number; lines: { item_id: number }[]; status: string }>("/orders?limit=200");
    expect(here.filter(({ lines }) => lines.some(({ item_id }) => item_id === item))).toHaveLength(2);

    // What comes of the purchase is a receipt of that order there.
    expect((await erp.admin(`PUT /orders/${bought}`, { status: "sent" })).status).toBe(200);
    await erp.admin(`POST /orders/${bought}/receive`, { lines: [{ line: 1, quantity: 7 }] });
    await erp.sync(id);
    expect(side.orders("purchase")).toMatchObject([{ lines: [{ done: 7 }] }]);

    // Changed before work began: the first is taken back, and one with the new lines follows.
    const changed = await place({ ...sale, lines: of(2) });
    await erp.sync(id);
    expect((await erp.admin(`PUT /orders/${changed}`, { lines: of(3) })).status).toBe(200);
    await erp.sync(id);
    await erp.sync(id);
    const [, first, second] = side.orders("sale");
    expect([first, second]).toMatchObject([
      { state: "cancelled", lines: [{ quantity: 2 }] },
      { state: "open", lines: [{ quantity: 3 }] },
    ]);
    expect((await erp.admin(`GET /orders/${changed}`)).body).toMatchObject({ status: "approved" });
    // Cancelled here: it ends there. Cancelled there: it ends here.
    expect((await erp.admin(`POST /orders/${changed}/cancel`, {})).status).toBe(200);
    const ended = await place({ ...sale, lines: of(1) });
    await erp.sync(id);
    expect(side.orders("sale").map(({ state }) => state)).toEqual(["open", "cancelled", "cancelled", "open"]);
    side.cancel("sale", side.orders("sale")[3]!.number);
    await erp.sync(id);
    await erp.sync(id);
    expect((await erp.admin(`GET /orders/${ended}`)).body).toMatchObject({ status: "cancelled" });
    expect(side.orders("sale")).toHaveLength(4);
    expect(await erp.stateOf(id)).toMatchObject({ conflicts: 0, problem: null, lag_seconds: null });
    await erp.admin(`DELETE /erp/connections/${id}`);
    await side.there.close();
  },
);

test("what an ERP does not know of an order is a conflict until it does, or a person leaves the order out", async () => {
  const hub = await newPlace();
  const side = ofErpnext(await startErpnext(), hub);
  side.item("known-there");
  const id = await erp.connect({ name: "Conflicts", ...side.connection });
  await erp.sync(id);
  const { body: item } = await erp.admin("POST /items", { sku: "only-here", name: "only here" });
  const common = { kind: "customer", customer_id: await partyOf("Corner Shop"), ship_from_id: hub };
  const order = await place({ ...common, lines: [{ item_id: item["id"], quantity: 1 }] });
  const nobody = await place({ ...common, customer_id: null, lines: [{ item_id: item["id"], quantity: 1 }] });
  // Places without a warehouse there are none of its business.
  await place({ ...common, ship_from_id: erp.shop, lines: [{ item_id: item["id"], quantity: 1 }] });
  await erp.sync(id);
  await erp.sync(id);
  const open = (await erp.openConflicts(id)).toSorted((a, b) => Number(b["local_id"]) - Number(a["local_id"]));
  expect(open.map(({ type, kind, local_id, subject }) => [type, kind, local_id, subject])).toEqual([
    ["unknown_reference", "sale", nobody, "customer"],
    ["unknown_reference", "sale", order, `item ${String(item["id"])}`],
  ]);
  expect((await erp.admin(`POST /erp/conflicts/${open[0]!.id}/resolve`, { keep: "ours" })).status).toBe(200);
  side.item("only-here");
  await erp.sync(id);
  await erp.sync(id);
  expect(await erp.openConflicts(id)).toEqual([]);
  expect(side.orders("sale").map(({ lines }) => lines[0]!.sku)).toEqual(["only-here"]);
  await erp.admin(`DELETE /erp/connections/${id}`);
  await side.there.close();
});

test("a system of files gets an order as a file, and gives it back in its table under a number of its own", async () => {
  const [drop, hub] = [await startFileDrop(), await newPlace()];
  drop.files.set("/items.csv", "sku,name\nfile-item,Milk\n");
  drop.files.set("/customers.csv", "name\nFile Shop\n");
  const sales = "order,partner,warehouse,item,quantity,key\n";
  drop.files.set("/sales.csv", sales);
  const files = { item: "items.csv", customer: "customers.csv", sale: "sales.csv" };
  const id = await erp.connect({
    ...{ name: "Files", kind: "generic", url: drop.url, credentials: { user: drop.user, password: drop.password } },
    options: { warehouses: [{ external_id: "HL", location_id: hub }], files, sync },
  });
  await erp.sync(id);
  const [item, customer] = [await itemOf("file-item"), await partyOf("File Shop")];
  await erp.admin("POST /inventory-items", { item_id: item, location_id: hub, quantity: 9 });
  const lines = [{ item_id: item, quantity: 4 }];
  const order = await place({ kind: "customer", customer_id: customer, ship_from_id: hub, lines });
  await erp.sync(id);
  const put = () => [...drop.files].filter(([path]) => path.includes("-sale-"));
  expect(put()).toHaveLength(1);
  const [, row] = put()[0]![1].split("\r\n");
  const key = row!.split(",")[0]!;
  expect(row!.split(",").slice(1, 8)).toEqual(["", "sale", "File Shop", "HL", "1", "file-item", "4"]);
  // Nobody misses it in the table before it is there.
  await erp.sync(id);
  expect(await erp.stateOf(id)).toMatchObject({ conflicts: 0 });
  drop.files.set("/sales.csv", `${sales}SO-77,File Shop,HL,file-item,4,${key}\n`);
  await erp.sync(id);
  expect((await erp.list("/orders?limit=200")).filter(({ customer_id }) => customer_id === customer)).toHaveLength(1);
  const known = await erp.list(`/erp/connections/${id}/documents?kind=sale&direction=in`);
  expect(known).toMatchObject([{ external_id: "SO-77", local_id: order, state: "linked" }]);
  await erp.admin(`DELETE /erp/connections/${id}`);
  await drop.close();
});
