import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { addClient, tokenOfClient } from "../auth/client-support.ts";
import { fillSide, type Side } from "../auth/limited-world.ts";
import { counts, type ImportApi, startImportApi } from "./imports/import-api.ts";

let api: ImportApi;
let own: Side;
let foreign: Side;
let limited: string;
let limitedToOwner: string;
beforeAll(async () => {
  api = await startImportApi();
  await api.call("POST /items", { sku: "nut", name: "Nut" });
  const { rows } = await api.db.pool.query<{ id: number }>("SELECT min(id) AS id FROM users");
  own = await fillSide(api, "own", 1, rows[0]!.id);
  foreign = await fillSide(api, "foreign", 1, rows[0]!.id);
  const client = await addClient(api.call, { role: "admin", location_ids: [own.location] });
  limited = await tokenOfClient(api, client);
  const ofOwner = await addClient(api.call, { role: "admin", owner_ids: [own.owner] });
  limitedToOwner = await tokenOfClient(api, ofOwner);
});
afterAll(() => api?.close());

async function file(path: string, token?: string): Promise<Response> {
  const authorization = `Bearer ${token ?? (await api.tokenOf("admin"))}`;
  return api.app.request(path, { headers: { Authorization: authorization } });
}
const rowsOf = async (path: string, token?: string): Promise<Record<string, string>[]> =>
  parse(await (await file(path, token)).text(), { columns: true, bom: true });
const idsOf = async (path: string, token?: string) => (await rowsOf(path, token)).map(({ id }) => id);

/** Each list with its file, and what tells a side's row. */
const LISTS: readonly (readonly [list: string, name: string, mine: (side: Side) => unknown])[] = [
  ["/shipments", "shipments", (side) => side.shipment],
  ["/inventory-items", "inventory-items", (side) => side.stock],
  ["/movements", "movements", (side) => side.movement],
  ["/orders", "orders", (side) => side.order],
  ["/alerts", "alerts", (side) => side.alert],
  ["/trips", "trips", (side) => side.trip],
  ["/vehicles", "vehicles", (side) => side.vehicle],
  ["/devices", "devices", (side) => side.device],
  ["/locations", "locations", (side) => side.location],
  ["/parties", "parties", (side) => side.owner],
];

test.each(LISTS)(
  "%s as a file has the rows of the list, and those alone that its reader may see",
  async (list, name, mine) => {
    const listed = (await api.call(`GET ${list}?limit=200`)).body as unknown as { id: unknown }[];
    expect(listed.length).toBeGreaterThan(1);
    expect(await idsOf(`/exports/${name}.csv`)).toEqual(listed.map(({ id }) => String(id)));
    // Parties are seen by owners.
    const seen = await idsOf(`/exports/${name}.csv`, name === "parties" ? limitedToOwner : limited);
    expect(seen).not.toContain(String(mine(foreign)));
    expect(seen).toContain(String(mine(own)));
  },
);

test("the audit is the auditors' alone, and of the whole installation; devices are the managers'", async () => {
  expect((await file("/exports/audit.csv", limited)).status).toBe(404);
  expect((await file("/exports/audit.csv", await api.tokenOf("viewer"))).status).toBe(403);
  expect((await file("/exports/devices.csv", await api.tokenOf("viewer"))).status).toBe(403);
  expect((await file("/exports/shipments.csv", await api.tokenOf("viewer"))).status).toBe(200);
  expect((await api.app.request("/exports/shipments.csv")).status).toBe(401);
  const audit = await rowsOf("/exports/audit.csv", await api.tokenOf("auditor"));
  expect(audit[0]).toMatchObject({ outcome: "refused" });
});

test("the filters of a list are those of its file; what is no filter is refused before the file begins", async () => {
  expect(await idsOf(`/exports/movements.csv?inventory_item_id=${own.stock}&order=newest`)).toEqual(
    (
      (await api.call(`GET /movements?inventory_item_id=${own.stock}&order=newest`)).body as unknown as { id: number }[]
    ).map(({ id }) => String(id)),
  );
  expect(await idsOf("/exports/orders.csv?kind=restock")).toContain(String(own.restock));
  expect(await idsOf("/exports/orders.csv?kind=restock")).not.toContain(String(own.order));
  expect(await idsOf(`/exports/shipments.csv?q=${encodeURIComponent("own goods")}`)).toEqual([String(own.shipment)]);
  for (const query of ["limit=5", "kind=none", "delimiter=pipe", "encoding=latin-1"])
    expect((await file(`/exports/orders.csv?${query}`)).status, query).toBe(400);
  expect((await file("/exports/shipments.csv?attributes=%7B%22none%22%3A1%7D")).status).toBe(400);
  const lines = await rowsOf(`/exports/order-lines.csv?kind=restock`);
  expect(lines.find(({ order_id }) => order_id === String(own.restock))).toMatchObject({ line: "1", kind: "restock" });
});

test.each([
  ["delimiter=semicolon", "semicolon", "utf-8"],
  ["delimiter=tab&encoding=utf-16le", "tab", "utf-16le"],
  ["byte_order_mark=true", "comma", "utf-8"],
])(
  "a file written with %s is recognised, and changes nothing when it is imported",
  async (query, delimiter, encoding) => {
    await api.call("POST /items", { sku: `=${delimiter}`, name: "Öl; süß, „gut“\t→", unit_weight_grams: 1.5 });
    for (const kind of ["items", "locations", "parties", "stock"]) {
      const response = await file(`/exports/${kind}.csv?${query}`);
      expect(response.headers.get("content-type")).toBe(`text/csv; charset=${encoding}`);
      expect(response.headers.get("content-disposition")).toBe(`attachment; filename="${kind}.csv"`);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const { body } = await api.send(kind, bytes, { dryRun: true });
      expect([body.errors, body.updated, body.created, body.unchanged > 0], kind).toEqual([[], 0, 0, true]);
      expect(body.format).toMatchObject({ delimiter, encoding });
      expect(counts(body)[0]).toBe(body.unchanged);
    }
  },
);

test("no cell is run as a formula, and a negative number stays one", async () => {
  await api.call("POST /shipments", { product_name: "=1+1", quantity: 3, location: own.location, reference: "-3" });
  await api.call("POST /movements", { inventory_item_id: own.stock, quantity: -1, reason: "@SUM(A1)" });
  const shipment = (await rowsOf("/exports/shipments.csv")).find(({ reference }) => reference === "-3");
  expect(shipment).toMatchObject({ product_name: "'=1+1" });
  const movement = (await rowsOf("/exports/movements.csv")).at(-1);
  expect(movement).toMatchObject({ quantity: "-1", reason: "'@SUM(A1)" });
});

test("a long list is written as it is read: nothing of it waits in memory", async () => {
  await api.db.pool.query(
    "INSERT INTO items (sku, name) SELECT 'many-' || n, 'One of many ' || n FROM generate_series(1, 5000) n",
  );
  const reader = (await file("/exports/items.csv?q=One%20of%20many")).body!.getReader();
  let [rows, largest] = [0, 0];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    largest = Math.max(largest, part.value.length);
    rows += Buffer.from(part.value).toString("utf8").split("\r\n").length - 1;
  }
  expect(rows).toBe(5_001);
  expect(largest).toBeLessThan(200_000);
  // Whoever stops reading ends it.
  const left = (await file("/exports/items.csv")).body!;
  await left.cancel();
});
