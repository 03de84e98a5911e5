import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { estimateArrivals } from "../../../ingest/workers/estimates/arrival-estimates.ts";
import { receiveOrders } from "../../../ingest/workers/order-receipts.ts";
import { startApi, type TestApi } from "../support.ts";

type Body = Record<string, unknown>;
const MINUTE = 60_000;

let api: TestApi;
let manager: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  manager = await api.as("manager");
});
afterAll(() => api?.close());

async function made(path: string, body: object): Promise<number> {
  const answer = await manager(`POST ${path}`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body["id"] as number;
}

let names = 0;
async function goods() {
  const n = (names += 1);
  const supplier = await made("/parties", { name: `Supplier ${n}`, roles: ["supplier"], lead_time_days: 2 });
  const tea = await made("/items", { sku: `tea-${n}`, name: `Tea ${n}`, supplier_id: supplier });
  const salt = await made("/items", { sku: `salt-${n}`, name: `Salt ${n}` });
  const geofence = { lat: 48, lon: 11.5, radius_m: 500 };
  const shop = await made("/locations", { name: `Shop ${n}`, stage: "delivery", geofence });
  const depot = await made("/locations", { name: `Depot ${n}`, stage: "storage" });
  return { n, tea, salt, shop, depot };
}

describe("the goods of a shipment", () => {
  test("of several products are lines; of one product the short form says the same", async () => {
    const { n, tea, salt, depot } = await goods();
    const { status, body } = await manager("POST /shipments", {
      location: depot,
      lines: [
        { item_id: tea, quantity: 12 },
        { product_name: "Paper bags", quantity: 3 },
        { item_id: salt, product_name: "Sea salt", quantity: 5 },
      ],
    });
    expect(status).toBe(201);
    const lines = [
      { line: 1, item_id: tea, product_name: `Tea ${n}`, quantity: 12 },
      { line: 2, item_id: null, product_name: "Paper bags", quantity: 3 },
      { line: 3, item_id: salt, product_name: "Sea salt", quantity: 5 },
    ];
    expect(body).toMatchObject({ product_name: `Tea ${n} and 2 more`, item_id: null, quantity: 20, lines });
    expect((await manager(`GET /shipments/${String(body["id"])}`)).body).toEqual(body);
    const listed = (await manager(`GET /shipments?location_id=${depot}`)).body as unknown as Body[];
    expect(listed).toEqual([body]);

    const short = (await manager("POST /shipments", { location: depot, item_id: tea, quantity: 4 })).body;
    const long = await manager("POST /shipments", { location: depot, lines: [{ item_id: tea, quantity: 4 }] });
    const one = {
      product_name: `Tea ${n}`,
      item_id: tea,
      quantity: 4,
      lines: [{ line: 1, item_id: tea, product_name: `Tea ${n}`, quantity: 4 }],
    };
    expect(short).toMatchObject(one);
    expect(long.body).toMatchObject(one);
  });

  test.each([
    ["neither form", {}, ["/product_name", "/quantity"]],
    ["both forms", { item_id: 1, quantity: 2, lines: [{ item_id: 1, quantity: 2 }] }, ["/item_id", "/quantity"]],
    ["a line without a name", { lines: [{ quantity: 2 }] }, ["/lines/0/product_name"]],
    ["no lines", { lines: [] }, ["/lines"]],
    [
      "an unknown item",
      {
        lines: [
          { product_name: "x", quantity: 1 },
          { item_id: 987_654, quantity: 1 },
        ],
      },
      ["/lines/1/item_id"],
    ],
    [
      "too many pieces together",
      { lines: [1, 2].map(() => ({ product_name: "x", quantity: 2_147_483_647 })) },
      ["/lines"],
    ],
  ])("with %s are refused, and name the place", async (_, body, pointers) => {
    const before = await api.db.pool.query("SELECT count(*) FROM shipments");
    const answer = await manager("POST /shipments", { location: "storage", ...body });
    expect(answer.status).toBe(400);
    expect((answer.body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer)).toEqual(pointers);
    expect((await api.db.pool.query("SELECT count(*) FROM shipments")).rows).toEqual(before.rows);
  });
});

test("each line is under way, and its arrival is estimated", async () => {
  const { tea, salt, shop, depot } = await goods();
  const stock = await Promise.all(
    [tea, salt].map((item_id) =>
      made("/inventory-items", { item_id, location_id: shop, quantity: 5, reorder_point: 40 }),
    ),
  );
  const suggestionOf = async (id: number | undefined) =>
    ((await manager(`GET /reorder-suggestions?inventory_item_id=${id}`)).body as unknown as Body[])[0];
  const shipment = await made("/shipments", {
    location: depot,
    destination_id: shop,
    at: new Date(Date.now() - 180 * MINUTE).toISOString(),
    lines: [
      { item_id: tea, quantity: 6 },
      { item_id: salt, quantity: 7 },
      { item_id: tea, quantity: 4 },
    ],
  });
  expect(await suggestionOf(stock[0])).toMatchObject({ in_transit: 10, in_transit_late: 0, projected: 15 });
  expect(await suggestionOf(stock[1])).toMatchObject({ in_transit: 7, projected: 12 });

  // Far away and slow: both are there later than goods that were ordered now, by the supplier of one of them.
  const truck = await made("/vehicles", { name: `Truck of lines` });
  const at = new Date(Date.now() - 120 * MINUTE).toISOString();
  await manager(`POST /shipments/${shipment}/load`, { vehicle_id: truck, at });
  for (const [km, minutes] of [
    [900, 60],
    [899, 30],
    [898, 0],
  ] as const) {
    await api.db.pool.query(
      `INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon) VALUES ($1, 'tracker', $2, $2, $3, 11.5)
      ON CONFLICT (vehicle_id) DO UPDATE SET ts = excluded.ts, lat = excluded.lat`,
      [truck, new Date(Date.now() - minutes * MINUTE), 48 - km / 111.195],
    );
    await estimateArrivals(api.db.pool);
  }
  const late = { in_transit: 0, in_transit_late: 10 };
  expect(await suggestionOf(stock[0])).toMatchObject({
    ...late,
    arrivals: [{ shipment_id: shipment, quantity: 10, vehicle_id: truck, in_time: false, problem: null }],
  });
  expect(await suggestionOf(stock[1])).toMatchObject({ in_transit: 0, in_transit_late: 7 });
});

describe("a delivered shipment of a restock order", () => {
  async function ordered() {
    const { tea, salt, shop, depot } = await goods();
    const order = await made("/orders", {
      kind: "restock",
      location_id: shop,
      lines: [
        { item_id: tea, quantity: 12 },
        { item_id: salt, quantity: 5 },
      ],
    });
    await manager(`PUT /orders/${order}`, { status: "approved" });
    await manager(`PUT /orders/${order}`, { status: "sent" });
    const shipment = await made("/shipments", {
      location: depot,
      destination_id: shop,
      order_id: order,
      lines: [
        { item_id: tea, quantity: 12 },
        { item_id: salt, quantity: 5 },
      ],
    });
    const received = async () => {
      while ((await receiveOrders(api.db.pool)) > 0);
      const { status, lines } = (await manager(`GET /orders/${order}`)).body as { status: string; lines: Body[] };
      return [status, ...lines.map((line) => line["received"])];
    };
    const stockOf = async (item: number) => {
      const rows = (await manager(`GET /inventory-items?item_id=${item}&location_id=${shop}`))
        .body as unknown as Body[];
      return rows[0]?.["quantity"];
    };
    return { tea, salt, shipment, received, stockOf };
  }

  test("receives each of its lines, where the goods were not kept before too", async () => {
    const { tea, salt, shipment, received, stockOf } = await ordered();
    await manager(`POST /shipments/${shipment}/proof-of-delivery`, { name: "Ann" });
    expect(await received()).toEqual(["received", 12, 5]);
    expect([await stockOf(tea), await stockOf(salt)]).toEqual([12, 5]);
    expect(await received()).toEqual(["received", 12, 5]);
  });

  test("in part receives what was taken of each line; what nobody has said, a person receives", async () => {
    const { tea, salt, shipment, received, stockOf } = await ordered();
    await manager(`POST /shipments/${shipment}/proof-of-delivery`, { name: "Ann", outcome: "partly" });
    expect(await received()).toEqual(["sent", 0, 0]);
    const answer = await manager(`POST /shipments/${shipment}/proof-of-delivery`, {
      ...{ name: "Ann", outcome: "partly", reason: "two were wet" },
      lines: [{ line: 1, quantity: 10 }],
    });
    expect(answer.status).toBe(200);
    expect(await received()).toEqual(["partial", 10, 0]);
    expect([await stockOf(tea), (await stockOf(salt)) ?? 0]).toEqual([10, 0]);
  });
});

test("a shipped order of several products is a shipment of lines, and lots are of lines", async () => {
  const { tea, salt, depot } = await goods();
  for (const item_id of [tea, salt]) await made("/inventory-items", { item_id, location_id: depot, quantity: 20 });
  const lines = [
    { item_id: tea, quantity: 3 },
    { item_id: salt, quantity: 2 },
  ];
  const order = await made("/orders", { kind: "customer", ship_from_id: depot, lines });
  await manager(`PUT /orders/${order}`, { status: "approved" });
  for (const step of ["reserve", "pick", "pack", "ship"])
    expect((await manager(`POST /orders/${order}/${step}`, {})).status, step).toBeLessThan(300);
  const [shipment] = (await manager(`GET /shipments?location_id=${depot}`)).body as unknown as Body[];
  expect(shipment).toMatchObject({ order_id: order, quantity: 5, lines });
  const lotOf = (item_id: number, quantity: number) =>
    manager(`POST /shipments/${String(shipment!["id"])}/lots`, { item_id, lot: "L1", quantity });
  expect((await lotOf(salt, 3)).body).toMatchObject({ status: 400, errors: [{ pointer: "/quantity" }] });
  expect((await lotOf(salt, 2)).status).toBe(201);
});
