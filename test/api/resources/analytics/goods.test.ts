import { describe, expect, vi } from "vitest";
import { allPages, analyticsTest as test, HOUR_MS } from "./analytics-api.ts";

vi.setConfig({ testTimeout: 60_000 });

describe("on time", () => {
  test("promised, on time, in full and both; by month, by customer and by lane", async ({
    api,
    world,
    viewer,
    given,
    n,
  }) => {
    const { pool } = api.db;
    const [from, to] = [await world.location(`from ${n}`, "storage"), await world.location(`to ${n}`, "delivery")];
    const { rows: parties } = await pool.query<{ id: number }>(
      `INSERT INTO parties (name, roles) VALUES ('Shop ${n}', '["customer"]') RETURNING id`,
    );
    const customer = parties[0]!.id;
    const { rows: orders } = await pool.query<{ id: number }>(
      "INSERT INTO orders (kind, status, customer_id) VALUES ('customer', 'shipped', $1) RETURNING id",
      [customer],
    );
    const promise = async (
      dueHours: number,
      end?: "delivered" | "delivered_partly",
      deliveredHours?: number,
      status = "arrived",
    ) => {
      const shipment = await given.stay({
        location: to,
        stage: "delivery",
        from: 200,
        ...(end && { end, to: deliveredHours! }),
      });
      await pool.query(
        "UPDATE shipments SET due_at = now() - $2::float8 * interval '1 hour', origin_id = $3, destination_id = $4, order_id = $5, status = $6 WHERE id = $1",
        [shipment, dueHours, from, to, orders[0]!.id, status],
      );
    };
    await promise(10, "delivered", 12);
    await promise(10, "delivered", 4);
    await promise(10, "delivered_partly", 12);
    await promise(10);
    await promise(-10);
    await promise(-10, "delivered", 1);
    await promise(10, undefined, undefined, "cancelled");
    const expected = {
      shipments_promised: 5,
      shipments_on_time: 3,
      shipments_in_full: 3,
      shipments_on_time_in_full: 2,
      shipments_not_delivered: 1,
      on_time_percent: 60,
      on_time_in_full_percent: 40,
      median_late_hours: 6,
    };
    const period = `from=2020-01-01&to=2099-01-01`;
    const lane = (await viewer(`GET /analytics/on-time?by=lane&location_id=${to}&${period}`)).body;
    expect(lane).toMatchObject([
      { ...expected, origin_name: `from ${n}`, destination_id: to, party_id: null, month: null },
    ]);
    const party = (await viewer(`GET /analytics/on-time?by=party&party_id=${customer}&${period}`)).body;
    expect(party).toMatchObject([{ ...expected, party_name: `Shop ${n}` }]);
    const months = await allPages(viewer, `/analytics/on-time?location_id=${from}&${period}`, 1);
    expect(months.reduce((sum, row) => sum + Number(row["shipments_promised"]), 0)).toBe(5);
    const names = months.map(({ month }) => String(month));
    expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
  });
});

describe("turns", () => {
  test("what left by the mean level, how long the rest lasts; counts are neither in nor out", async ({
    api,
    world,
    viewer,
    given,
    n,
  }) => {
    const { pool } = api.db;
    const place = await world.location(`shelf ${n}`, "storage");
    const item = await world.item(`TURN-${n}`);
    const stock = await world.stock(item, place);
    const now = Date.now();
    // 100 for five days, 40 for another five, and then a count finds 30.
    const moves = [
      { id: 9_000_001, daysAgo: 10, delta: 100, type: "adjusted", data: { delta: 100, reason: "received" } },
      { id: 9_000_002, daysAgo: 5, delta: -60, type: "adjusted", data: { delta: -60, reason: "picked" } },
      { id: 9_000_003, daysAgo: 0.0001, delta: -10, type: "counted", data: { quantity: 30, source: "person" } },
    ];
    for (const { id, daysAgo, delta, type, data } of moves) {
      const at = new Date(now - daysAgo * 24 * HOUR_MS);
      await pool.query(
        `INSERT INTO facts (id, key, subject, at, type, data, rule) OVERRIDING SYSTEM VALUE VALUES ($1::bigint, 'turn ' || $1::bigint, $2, $3, $4, $5, 'test')`,
        [id, `stock:${stock}`, at, type, data],
      );
      await pool.query("INSERT INTO movements (id, inventory_item_id, at, delta, level) VALUES ($1, $2, $3, $4, 0)", [
        id,
        stock,
        at,
        delta,
      ]);
    }
    await pool.query("UPDATE inventory_items SET quantity = 30 WHERE id = $1", [stock]);
    await given.summed();
    const rows = await allPages(viewer, `/analytics/turns?item_id=${item}`, 50);
    expect(rows).toMatchObject([
      { inventory_item_id: stock, quantity_units: 30, units_in: 100, units_out: 60, units_corrected: -10 },
    ]);
    const [row] = rows;
    expect(row!["average_units"]).toBeCloseTo(70, 0);
    expect(row!["turns"]).toBeCloseTo(60 / 70, 2);
    expect(row!["turns_per_year"]).toBeCloseTo((60 / 70) * 36.5, 0);
    expect(row!["days_of_stock"]).toBeCloseTo(5, 0);
    expect(row!["observed_days"]).toBeCloseTo(10, 1);
  });
});

describe("space", () => {
  test("how full a place was at the end of each day, with what lies below it", async ({
    api,
    world,
    viewer,
    given,
    n,
  }) => {
    const { pool } = api.db;
    const [site, rack] = [await world.location(`site ${n}`, "storage"), await world.location(`rack ${n}`, "storage")];
    await pool.query("UPDATE locations SET capacity_units = 200 WHERE id = $1", [site]);
    await pool.query("UPDATE locations SET parent_id = $1 WHERE id = $2", [site, rack]);
    const stock = await world.stock(await world.item(`SPACE-${n}`), rack);
    const today = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS;
    const moves = [
      [8_000_001, today - 60 * HOUR_MS, 100],
      [8_000_002, today - 12 * HOUR_MS, 50],
    ] as const;
    for (const [id, at, delta] of moves)
      await pool.query("INSERT INTO movements (id, inventory_item_id, at, delta, level) VALUES ($1, $2, $3, $4, 0)", [
        id,
        stock,
        new Date(at),
        delta,
      ]);
    await pool.query("UPDATE inventory_items SET quantity = 150, measured_at = now() WHERE id = $1", [stock]);
    await given.summed();
    const path = `/analytics/space?location_id=${site}&from=${new Date(today - 72 * HOUR_MS).toISOString()}`;
    const rows = await allPages(viewer, path, 50);
    expect(rows.map(({ used_units, used_percent }) => [used_units, used_percent])).toEqual([
      [0, 0],
      [100, 50],
      [100, 50],
      [150, 75],
      [150, 75],
    ]);
    expect(rows[1]).toMatchObject({
      at: new Date(today - 48 * HOUR_MS).toISOString(),
      capacity_units: 200,
      fullest: "units",
    });
    expect((await allPages(viewer, path, 2)).map(({ used_units }) => used_units)).toEqual([0, 100, 100, 150, 150]);
  });
});

describe("pages of space", () => {
  test.for([1, 8])(
    "of %i rows tell each time of each place once, in order, and end",
    async (limit, { api, world, viewer, n }) => {
      const places = [await world.location(`one ${n}`, "storage"), await world.location(`two ${n}`, "storage")];
      await api.db.pool.query("UPDATE locations SET capacity_units = 10 WHERE id = ANY ($1::int[])", [places]);
      const from = new Date(Date.now() - 5 * HOUR_MS).toISOString();
      const before = Date.now();
      const rows = await allPages(viewer, `/analytics/space?interval=hour&from=${from}`, limit);
      const ids = rows.map(({ location_id }) => Number(location_id));
      expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      const [times, others] = places.map((place) =>
        rows.filter(({ location_id }) => location_id === place).map(({ at }) => String(at)),
      );
      // Five hours have six ends, and all places have the same now: that of the first page.
      expect(times!.length).toBeGreaterThanOrEqual(6);
      expect(times).toEqual([...new Set(times)].toSorted());
      expect(others).toEqual(times);
      expect(Date.parse(times!.at(-1)!)).toBeGreaterThanOrEqual(before);
    },
  );
});

describe("goods of shipments", () => {
  test("per stage and place, and on the road; what facts say is there at once", async ({ api, world, viewer, n }) => {
    const [hub, shop] = [await world.location(`hub ${n}`, "storage"), await world.location(`shop ${n}`, "delivery")];
    const operator = await api.as("operator");
    const vehicle = await world.vehicle(`truck ${n}`);
    const made = await operator("POST /shipments", {
      product_name: `Goods ${n}`,
      quantity: 7,
      location: hub,
      destination_id: shop,
    });
    const id = Number(made.body["id"]);
    const rows = async () => (await viewer(`GET /analytics/inventory?shipment_id=${id}`)).body;
    expect(await rows()).toMatchObject([
      { shipment_id: id, quantity_units: 7, stage: "storage", location_name: `hub ${n}` },
    ]);
    await operator(`POST /shipments/${id}/load`, { vehicle_id: vehicle });
    await operator(`POST /shipments/${id}/unload`, { location_id: shop });
    expect(await rows()).toMatchObject([{ quantity_units: 7, stage: "delivery", location_id: shop }]);
    const { rows: stays } = await api.db.pool.query(
      "SELECT stage, location_id, to_at IS NULL AS waits, units FROM shipment_stays WHERE shipment_id = $1 ORDER BY from_at",
      [id],
    );
    expect(stays).toEqual([
      { stage: "storage", location_id: hub, waits: false, units: 7 },
      { stage: "delivery", location_id: shop, waits: true, units: 7 },
    ]);
    expect(await allPages(viewer, `/analytics/inventory?location_id=${shop}`, 1)).toHaveLength(1);
  });
});
