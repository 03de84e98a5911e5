import { expect } from "vitest";
import { alertTest as test, type Row } from "../alert-shop.ts";

test("pieces taken without a reason, and shelves to be counted, are alerts; late ones are marked and page nobody", async ({
  api,
  shop,
}) => {
  const { stock, judged, alerts } = shop;
  const { pool } = api.db;
  const at = new Date(Date.now() - 3_600_000);
  const counted = (key: string, late: boolean) =>
    pool.query(
      `WITH c AS (INSERT INTO facts (key, subject, at, type, data, rule, late) VALUES ($1, 'stock:' || $3::int, $2, 'counted',
          '{"quantity": 4, "source": "scale", "change": -3}', 'scale-count', $4)),
        n AS (SELECT pg_notify('changes', json_build_object('stock', json_build_array($3::int))::text))
      INSERT INTO facts (key, subject, at, type, data, rule)
      SELECT 'unexplained:' || $1, 'removals:' || $3::int, $2, 'unexplained_removal', '{"quantity": 3, "since": 0, "before": 7, "after": 4}',
        'unexplained-removal' FROM n`,
      [key, at, stock, late],
    );
  const found = () => alerts("unexplained_removal");
  await counted(`late ${stock}`, true);
  await expect.poll(found).toMatchObject([{ late: true, notifies: false, times: 1, detail: { quantity: 3 } }]);
  expect((await found())[0]!["happened_at"]).toBe(at.toISOString());
  await counted(`live ${stock}`, false);
  await expect.poll(found).toMatchObject([{ late: false, notifies: true, times: 2, state: "open" }]);
  const touch = "SELECT pg_notify('changes', json_build_object('stock', json_build_array($1::int))::text)";
  // A fact that is derived again is no news.
  await pool.query("UPDATE facts SET data = data WHERE subject = 'removals:' || $1::int", [stock]);
  await pool.query(touch, [stock]);
  await judged();
  expect(await found()).toMatchObject([{ times: 2 }]);
  await pool.query("UPDATE facts SET withdrawn_at = now() WHERE subject = 'removals:' || $1::int", [stock]);
  await pool.query(touch, [stock]);
  await expect.poll(found).toMatchObject([{ state: "resolved", times: 2 }]);

  const mismatch = () => alerts("count_mismatch");
  // The position says so too, or the worker of counts closes this one at once.
  const { rows } = await pool.query<{ id: number }>(
    `WITH i AS (UPDATE inventory_items SET fold = fold || '{"differsSince": 1}' WHERE id = $1 RETURNING id)
    INSERT INTO cycle_counts (inventory_item_id, reason, suspect) SELECT id, 'disagreement', 'scale' FROM i RETURNING id`,
    [stock],
  );
  await expect
    .poll(mismatch)
    .toMatchObject([{ state: "open", detail: { cycle_count_id: rows[0]!.id, suspect: "scale" } }]);
  await pool.query("UPDATE inventory_items SET fold = fold - 'differsSince' WHERE id = $1", [stock]);
  await expect.poll(mismatch).toMatchObject([{ state: "resolved" }]);
});

test("a device that is silent, low on battery, off by its clock or not understood is alerted, and ends it by itself", async ({
  rig,
  world,
  api,
  shop,
  n,
  viewer,
}) => {
  const { alertsOf } = shop;
  const probe = await world.device(`alert-probe-${n}`, "env", { location_id: shop.location });
  await api.db.pool.query("UPDATE devices SET interval_s = 0.5 WHERE id = $1", [probe]);
  const found = (type: string) => alertsOf(`subject=device:${probe}&type=${type}`);
  const send = (battery: number, aheadMs = 0) =>
    rig.publish(`devices/${probe}/env`, { ts: Date.now() + aheadMs, celsius: 4, battery });
  await send(0.1);
  await expect
    .poll(() => found("battery_low"))
    .toMatchObject([{ state: "open", device_id: probe, location_id: shop.location, detail: { battery: 0.1 } }]);
  await expect.poll(() => found("device_silent")).toMatchObject([{ state: "open" }]);
  await send(0.9);
  await expect.poll(() => found("battery_low")).toMatchObject([{ state: "resolved" }]);
  const [silence] = (await found("device_silent")) as [{ id: number }];
  const history = async () => (await viewer(`GET /alerts/${silence.id}/history`)).body as unknown as Row[];
  // It speaks on: after one reading alone it would be silent again before a busy engine looks.
  const historyWhileHeard = async () => {
    await send(0.9);
    return history();
  };
  await expect.poll(historyWhileHeard).toContainEqual(expect.objectContaining({ action: "resolved", actor: null }));
  await send(0.9, 120_000);
  await expect.poll(() => found("clock_off")).toMatchObject([{ state: "open", detail: { direction: "ahead" } }]);
  // Whenever an hour ends meanwhile, one of two holds 20.
  for (let sent = 0; sent < 45; sent += 1) await rig.publish(`devices/${probe}/env`, Buffer.from(`not JSON ${sent}`));
  await expect
    .poll(() => found("quarantine_rising"))
    .toMatchObject([{ state: "open", device_id: probe, detail: { messages: expect.any(Number) } }]);
});

test("a vehicle that comes to a place, or stays there for too long, is alerted where a rule asks for it", async ({
  api,
  world,
  shop,
  n,
}) => {
  const { location, alertsOf, rule } = shop;
  const truck = await world.vehicle(`alert truck ${n}`);
  const crossing = (type: string, minutesAgo: number) =>
    api.db.pool.query(
      `WITH n AS (SELECT pg_notify('changes', json_build_object('positions', json_build_array($1::int))::text))
      INSERT INTO facts (key, subject, at, type, data, rule) SELECT 'alert:' || $1::int || $2::text || $4::int, 'vehicle:' || $1::int,
        now() - make_interval(mins => $4::int), $2, json_build_object('locationId', $3::int), 'position' FROM n`,
      [truck, type, location, minutesAgo],
    );
  await rule("geofence", { on: "arrived" });
  await rule("dwell", { minutes: 30 });
  const found = (type: string) => alertsOf(`subject=vehicle:${truck}&type=${type}`);
  await crossing("arrived", 60);
  await expect
    .poll(() => found("geofence"))
    .toMatchObject([{ title: `alert truck ${n} arrived at shop ${n}`, vehicle_id: truck, location_id: location }]);
  await expect.poll(() => found("dwell")).toMatchObject([{ state: "open", severity: "info" }]);
  await crossing("departed", 1);
  await expect.poll(() => found("dwell")).toMatchObject([{ state: "resolved" }]);
  expect(await found("geofence")).toMatchObject([{ state: "open", times: 1 }]);
});

test("a vehicle that drives too fast for a while is alerted, and it ends when it drives slower; the dry run looks at stored fixes", async ({
  api,
  world,
  manager,
  shop,
  n,
}) => {
  const { alertsOf } = shop;
  const truck = await world.vehicle(`fast truck ${n}`);
  const device = `fast-${n}`;
  await manager("POST /devices", { id: device, kind: "gps", mount: { vehicle_id: truck } });
  const drive = (kmh: number, secondsAgo: number) =>
    api.db.pool.query(
      `WITH n AS (SELECT pg_notify('changes', json_build_object('positions', json_build_array($1::int))::text))
      INSERT INTO vehicle_positions (vehicle_id, device_id, ts, received_at, lat, lon, speed)
      SELECT $1, $2, now() - make_interval(secs => $4::float8), now() - make_interval(secs => $4::float8), 48, 11, $3::float8 / 3.6 FROM n
      ON CONFLICT (vehicle_id) DO UPDATE SET ts = excluded.ts, received_at = excluded.received_at, speed = excluded.speed`,
      [truck, device, kmh, secondsAgo],
    );
  const made = { name: `Too fast ${n}`, type: "overspeed", params: { kmh: 80, hold_seconds: 2 } };
  expect((await manager("POST /alert-rules", made)).status).toBe(201);
  const found = () => alertsOf(`subject=vehicle:${truck}&type=overspeed`);
  await drive(95, 1);
  await expect.poll(found).toMatchObject([
    {
      state: "open",
      title: `fast truck ${n} drives 95 km/h; 80 km/h are allowed`,
      vehicle_id: truck,
      location_id: null,
      detail: { kmh: 95, limit_kmh: 80, device_id: device },
    },
  ]);
  await drive(78, 0);
  await drive(70, 0);
  await expect.poll(found).toMatchObject([{ state: "resolved", times: 1 }]);
  const tried = await manager("POST /alert-rules/dry-run", { type: "overspeed", days: 1 });
  expect(tried.body).toMatchObject({ would_have_fired: 0, complete: true });
});

test("managers change the rules, and learn before how often one would have fired; one that is off ends its alerts", async ({
  manager,
  operator,
  shop,
}) => {
  const { set, judged, alertsOf, rule, location } = shop;
  const rules = (await operator("GET /alert-rules?limit=200")).body as unknown as Row[];
  expect(rules).toContainEqual(
    expect.objectContaining({
      type: "low_stock",
      enabled: true,
      params: { hold_seconds: 60, clear_margin_percent: 10 },
    }),
  );
  const body = { name: "Nearly empty", type: "low_stock", params: { hold_seconds: 0 } };
  expect((await operator("POST /alert-rules", body)).status).toBe(403);
  expect(await manager("POST /alert-rules", { ...body, params: { hold: 0 } })).toMatchObject({ status: 400 });
  expect(await manager("POST /alert-rules", { ...body, params: { hold_seconds: "x" } })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/params/hold_seconds" }] },
  });
  expect(await manager("POST /alert-rules", { ...body, location_ids: [987_654] })).toMatchObject({
    status: 400,
    body: { errors: [{ pointer: "/location_ids/0" }] },
  });
  // 20 → 5 → 11 → 8 → 20 → 3: twice below its reorder point of 10, as 11 is no end of the first.
  for (const quantity of [20, 5, 11, 8, 20, 3]) await set(quantity);
  const dry = { type: "low_stock", location_ids: [location], params: { hold_seconds: 0 }, days: 7 };
  const tried = await manager("POST /alert-rules/dry-run", dry);
  expect(tried.body).toMatchObject({ days: 7, would_have_fired: 2, complete: true });
  expect(tried.body["examples"]).toHaveLength(2);
  expect((await manager("POST /alert-rules/dry-run", { ...dry, type: "out_of_stock" })).body).toMatchObject({
    would_have_fired: 0,
  });
  const id = await rule("low_stock", { hold_seconds: 0 });
  const own = () => alertsOf(`rule_id=${id}`);
  await expect.poll(own).toMatchObject([{ state: "open", severity: "info" }]);
  expect((await manager(`GET /alert-rules/${id}`)).body).toMatchObject({ active_alerts: 1 });
  expect((await manager(`PUT /alert-rules/${id}`, { enabled: false })).status).toBe(200);
  expect(await own()).toMatchObject([{ state: "resolved", resolution: "the rule was turned off" }]);
  await set(2);
  await judged();
  expect(await own()).toHaveLength(1);
  expect((await manager(`PUT /alert-rules/${id}`, { enabled: true, severity: "critical" })).status).toBe(200);
  await expect.poll(own).toMatchObject([{ state: "open", severity: "critical" }, { state: "resolved" }]);
  expect((await manager(`DELETE /alert-rules/${id}`)).status).toBe(204);
  expect(await own()).toEqual([]);
  expect(await alertsOf(`subject=${shop.subject}&active=true&severity=critical&type=low_stock`)).toEqual([]);
});
