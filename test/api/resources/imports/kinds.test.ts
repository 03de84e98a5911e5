import { afterAll, beforeAll, expect, test } from "vitest";
import { counts, type ImportApi, startImportApi } from "./import-api.ts";

let api: ImportApi;
beforeAll(async () => {
  api = await startImportApi();
});
afterAll(() => api?.close());

const rowsOf = async (path: string): Promise<Record<string, unknown>[]> =>
  (await api.call(`GET ${path}`)).body as unknown as Record<string, unknown>[];

const FILES: Readonly<Record<string, string>> = {
  parties: "name,roles,reference,lead_time_days\nOil Mill,supplier; owner,S-1,5\nCorner Shop,customer,C-1,\n",
  locations:
    'name,parent,stage,capacity_units,geofence\nHall,,storage,900,"{""lat"":48.1,""lon"":11.5,""radius_m"":200}"\nShelf 1,Hall,,10,\nYard,,storage,,\nShelf 1,Yard,,20,\n',
  items:
    "sku,name,gtin,packs,unit_weight_grams,supplier\nOIL,Olive oil,4006381333931,tray:6:14006381333938; pallet:480,1000,S-1\nNUT,Nut M8,,,,Oil Mill\n",
  devices: "id,kind,name,interval_s,location,antennas\ngate-1,rfid,Gate,10,Hall,1:inside; 2:outside\nprobe-1,env,,,,\n",
  stock:
    "sku,location,owner,condition,quantity,reorder_point\nOIL,Hall,,,120,20\nOIL,Hall,Oil Mill,damaged,3,\nNUT,Yard,,,,\n",
  orders:
    "kind,reference,status,customer,supplier,location,lines\ncustomer,SO-1,approved,C-1,,,OIL:2; NUT:10\nrestock,RO-1,draft,,S-1,Hall,OIL:60\n",
};

test("rows are added, the second time all of them are unchanged, and a dry run before says both and changes nothing", async () => {
  for (const [kind, file] of Object.entries(FILES)) {
    const rows = file.trim().split("\n").length - 1;
    const before = await api.exported(kind);
    const dry = await api.send(kind, file, { dryRun: true });
    expect([dry.status, counts(dry.body), dry.body.errors], kind).toEqual([200, [rows, rows, 0, 0, 0], []]);
    expect(await api.exported(kind)).toBe(before);
    const first = await api.send(kind, file);
    expect([counts(first.body), first.body.errors], kind).toEqual([[rows, rows, 0, 0, 0], []]);
    const again = await api.send(kind, file);
    expect([counts(again.body), again.body.errors], kind).toEqual([[rows, 0, 0, rows, 0], []]);
    expect(counts((await api.send(kind, file, { dryRun: true })).body)).toEqual([rows, 0, 0, rows, 0]);
  }
});

test("what is exported and imported again is unchanged, row by row", async () => {
  for (const kind of Object.keys(FILES)) {
    const file = await api.exported(kind);
    const rows = file.trim().split("\r\n").length - 1;
    expect(rows, kind).toBeGreaterThan(1);
    const { body } = await api.send(kind, file);
    expect([counts(body), body.errors], `${kind}\n${file}`).toEqual([[rows, 0, 0, rows, 0], []]);
    expect(await api.exported(kind)).toBe(file);
  }
});

test("names become ids, and cells that hold several values are read", async () => {
  expect(await rowsOf("/items?q=OIL")).toMatchObject([
    {
      sku: "OIL",
      packs: [
        { unit: "tray", quantity: 6, gtin: "14006381333938" },
        { unit: "pallet", quantity: 480 },
      ],
      supplier_id: 1,
      unit_weight_grams: 1000,
    },
  ]);
  const [hall, first, yard, second] = await rowsOf("/locations");
  expect([first!["parent_id"], second!["parent_id"]]).toEqual([hall!["id"], yard!["id"]]);
  expect(hall!["geofence"]).toEqual({ lat: 48.1, lon: 11.5, radius_m: 200 });
  expect(await rowsOf("/orders")).toMatchObject([
    {
      reference: "SO-1",
      status: "approved",
      customer_id: 2,
      lines: [
        { item_id: 1, quantity: 2 },
        { item_id: 2, quantity: 10 },
      ],
    },
    { reference: "RO-1", status: "draft", supplier_id: 1, location_id: hall!["id"] },
  ]);
  expect((await api.call("GET /devices/gate-1")).body["mount"]).toEqual({
    ...{ location_id: hall!["id"], antennas: { 1: "inside", 2: "outside" } },
  });
});

test("a changed row changes what it says, and nothing else", async () => {
  const { body } = await api.send("items", "sku,value_cents,name\nOIL,990,\nNUT,,Nut M8\n");
  expect(counts(body)).toEqual([2, 0, 1, 1, 0]);
  expect(await rowsOf("/items?q=OIL")).toMatchObject([{ name: "Olive oil", value_cents: 990 }]);
  const cleared = await api.send("items", '[{"sku": "OIL", "value_cents": null}]', { type: "application/json" });
  expect(counts(cleared.body)).toEqual([1, 0, 1, 0, 0]);
  expect(await rowsOf("/items?q=OIL")).toMatchObject([{ value_cents: null }]);
});

test("levels go through the ledger: a count with the line of the import, and none for what is known", async () => {
  const [oil] = await rowsOf("/inventory-items?item_id=1");
  const { body } = await api.send("stock", "sku,location,quantity\nOIL,Hall,150\n");
  expect(counts(body)).toEqual([1, 0, 1, 0, 0]);
  const movements = await rowsOf(`/movements?inventory_item_id=${oil!["id"] as number}`);
  expect(movements).toMatchObject([
    { kind: "count", quantity: 120, level: 120, source: "person" },
    { kind: "count", quantity: 30, level: 150, evidence: [{ actor_id: 1 }, { note: `import ${body.id}, line 2` }] },
  ]);
  const reorder = await api.send("stock", "sku,location,reorder_point\nOIL,Hall,200\n");
  expect(counts(reorder.body)).toEqual([1, 0, 1, 0, 0]);
  expect(await rowsOf("/inventory-items?below_reorder_point=true")).toMatchObject([{ item_id: 1, reorder_point: 200 }]);
  const negative = await api.send("stock", "sku,location,quantity\nOIL,Hall,-3\nGONE,Hall,1\nOIL,Nowhere,1\n");
  expect(negative.body.errors.map(({ line, column }) => [line, column])).toEqual([
    [2, "quantity"],
    [3, "sku"],
    [4, "location"],
  ]);
});

test("every change is in the audit with the import, the line, and what it was before", async () => {
  const { body } = await api.send("items", "sku,name\nOIL,Oil\nAUD,New\n");
  const entries = await rowsOf("/audit?action=POST%20%2Fimports%2Fitems&limit=2");
  expect(entries).toMatchObject([
    {
      subject: "/items/1",
      actor: "user:1",
      detail: { import: body.id, line: 2, before: { name: "Olive oil" }, after: { name: "Oil" } },
    },
    { detail: { import: body.id, line: 3, after: { sku: "AUD", name: "New" } } },
  ]);
});

test("the rules of the API hold: codes, statuses, kinds of devices, and names that are not clear", async () => {
  const codes = await api.send("items", "sku,name,barcode\nX-1,One,77\nX-2,Two,77\nX-3,Three,04006381333931\n");
  expect(codes.body.errors).toEqual([
    { line: 3, column: "barcode", message: expect.stringMatching(/77 is a code of item \d+ \(X-1\) already/) },
    { line: 4, column: "barcode", message: expect.stringMatching(/is a code of item 1 \(OIL\) already/) },
  ]);
  const trial = await api.send("items", "sku,name,barcode\nY-1,One,88\nY-2,Two,88\n", { dryRun: true });
  expect(trial.body).toMatchObject({
    created: 1,
    errors: [{ line: 3, message: "a row further up has one of its codes" }],
  });
  const orders = await api.send(
    "orders",
    "kind,reference,status,lines\ncustomer,SO-1,closed,\ncustomer,SO-9,shipped,OIL:1\ncustomer,SO-8,,NONE:1\n",
  );
  expect(orders.body.errors).toMatchObject([
    { line: 2, column: "status", message: expect.stringMatching(/allowed: picking, cancelled/) },
    { line: 3, column: "status" },
    { line: 4, column: "lines", message: 'there is no item "NONE"' },
  ]);
  expect((await rowsOf("/orders")).map(({ reference }) => reference)).toEqual(["SO-1", "RO-1"]);
  const devices = await api.send("devices", "id,kind\ngate-1,gps\n");
  expect(devices.body.errors).toMatchObject([{ line: 2, column: "kind" }]);
  const labels = "name,barcode\nHall,L-77\nYard,L-77\n";
  for (const dryRun of [true, false]) {
    const { body } = await api.send("locations", labels, { dryRun });
    expect(counts(body)).toEqual(dryRun ? [2, 0, 2, 0, 0] : [2, 0, 1, 0, 1]);
  }
  const places = await api.send("locations", "name,capacity_units\nShelf 1,5\n");
  expect(places.body.errors).toMatchObject([
    { line: 2, column: "name", message: expect.stringMatching(/^2 locations/) },
  ]);
  const stock = await api.send("stock", "sku,location,quantity\nOIL,Shelf 1,5\n");
  expect(stock.body.errors).toMatchObject([
    { line: 2, column: "location", message: expect.stringMatching(/location_id/) },
  ]);
  const elsewhere = await api.send("stock", "sku,item_id,location,quantity\nOIL,2,Hall,5\n");
  expect(elsewhere.body.errors).toMatchObject([{ line: 2, column: "item_id" }]);
});

test("rows that name one another in one file are written in their order, in a dry run too", async () => {
  const file = `name,parent,capacity_units\nTower,,\nFloor,Tower,\n${"Room,Floor,5\n".repeat(2)}Room,Floor,6\n`;
  const expected = [5, 3, 1, 1, 0];
  expect(counts((await api.send("locations", file, { dryRun: true })).body)).toEqual(expected);
  expect(counts((await api.send("locations", file)).body)).toEqual(expected);
  // Further away than the rows that are written together.
  const parentOf = (at: number) => (at === 0 ? "Tower" : at < 600 ? "Bin 0" : `Bin ${at - 600}`);
  const bins = Array.from({ length: 1200 }, (_, at) => `Bin ${at},${parentOf(at)}`);
  const far = `name,parent\n${bins.join("\n")}\n`;
  expect(counts((await api.send("locations", far, { dryRun: true })).body)).toEqual([1200, 1200, 0, 0, 0]);
  expect(counts((await api.send("locations", far)).body)).toEqual([1200, 1200, 0, 0, 0]);
});

test("in CSV an empty cell leaves a value, and \\N takes it away", async () => {
  const sent = async (csv: string) => (await api.send("items", csv)).body;
  expect(counts(await sent("sku,value_cents,name\nLINT,7,\\N note\n"))).toEqual([1, 1, 0, 0, 0]);
  expect(counts(await sent("sku,value_cents\nLINT,\n"))).toEqual([1, 0, 0, 1, 0]);
  expect(counts(await sent("sku,value_cents\nLINT, \\N \n"))).toEqual([1, 0, 1, 0, 0]);
  expect(await rowsOf("/items?q=LINT")).toMatchObject([{ value_cents: null, name: "\\N note" }]);
  expect((await sent("sku,name\nLINT,\\N\n")).errors).toMatchObject([{ line: 2, column: "name" }]);
});

test("managers import devices, and see no other imports", async () => {
  const token = await api.tokenOf("manager");
  const send = (path: string, body: string) =>
    api.app.request(path, {
      ...{ method: "POST", body },
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "text/csv" },
    });
  const imported = await send("/imports/devices", "id,kind\nmanaged-1,gps\n");
  expect(imported.status).toBe(200);
  const report = (await imported.json()) as { id: number; created: number };
  expect(report.created).toBe(1);
  expect((await send("/imports/items", "sku,name\nS,S\n")).status).toBe(403);
  const others = await api.send("items", "sku,name\nBY-ADMIN,By admin\n");
  const manager = await api.as("manager");
  expect((await manager(`GET /imports/${report.id}`)).body).toMatchObject({ kind: "devices", created: 1 });
  expect((await manager(`GET /imports/${others.body.id}`)).status).toBe(404);
  expect((await manager(`POST /imports/${others.body.id}/resume`)).status).toBe(404);
  const listed = (await manager("GET /imports")).body as unknown as { kind: string }[];
  expect(new Set(listed.map(({ kind }) => kind))).toEqual(new Set(["devices"]));
});
