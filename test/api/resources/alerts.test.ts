import { expect } from "vitest";
import { assessSubjects } from "../../../ingest/alerts/assess-subjects.ts";
import { startAlertEngine } from "../../../ingest/alerts/engine.ts";
import { STOCK } from "../../../ingest/alerts/subject-kind.ts";
import { transaction } from "../../../ingest/decisions/transactions.ts";
import { commitAlertChanges } from "../../../ingest/stores/queries/alerts/commit.ts";
import { loadAlertRules } from "../../../ingest/stores/queries/alerts/rules.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { quiet } from "../../support/ingest.ts";
import { alertTest as test, type Row } from "../alert-shop.ts";

test("a reading that shows an empty shelf opens one alert, on the stream too, and goods put there end it", async ({
  api,
  rig,
  world,
  shop,
  viewer,
  n,
}) => {
  const { location, stock, subject, alerts, alertsOf } = shop;
  const own = await world.item(`SCALE-${n}`, 100);
  const position = await world.stock(own, location, "scale");
  const scale = await world.device(`alert-scale-${n}`, "scale", { location_id: location, item_id: own });
  const weigh = (pieces: number, at: number) =>
    rig.publish(`devices/${scale}/scale`, { ts: at, grams: pieces * 100, stable: true });
  const now = Date.now();
  await weigh(5, now - 60_000);
  await rig.settled();
  const token = await api.tokenOf("viewer");
  const stream = await api.app.request("/stream?topics=alerts", { headers: { Authorization: `Bearer ${token}` } });
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const told = (async () => {
    for (let text = ""; ;) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream ended after ${text}`);
      text += value;
      const events = text.matchAll(/^event: alerts\ndata: (.*)\n\n/gm);
      const alerts = [...events].flatMap(([, rows]) => JSON.parse(rows!) as Row[]);
      const own = alerts.find((row) => row["subject"] === `inventory_item:${position}`);
      if (own !== undefined) return own;
    }
  })();
  await weigh(0, now - 10_000);
  const alert = await told;
  await reader.cancel();
  expect(alert).toMatchObject({
    ...{ type: "out_of_stock", severity: "critical", state: "open", subject: `inventory_item:${position}` },
    ...{ inventory_item_id: position, location_id: location, late: false, notifies: true, times: 1 },
    ...{ title: `SCALE-${n} at shop ${n}: nothing left`, happened_at: new Date(now - 10_000).toISOString() },
    ...{ detail: { quantity: 0, available: 0 }, assigned_to: null, resolved_at: null },
  });
  expect(alert["next_step"]).toMatch(/^Bring some/);
  for (const { href } of alert["evidence"] as { href: string }[])
    expect((await viewer(`GET ${href}`)).status).toBe(200);
  expect((await viewer(`GET /alerts/${String(alert["id"])}`)).body).toEqual(alert);
  await weigh(5, now);
  const all = () => alertsOf(`subject=inventory_item:${position}&type=out_of_stock`);
  await expect.poll(all).toMatchObject([{ state: "resolved", resolved_by: null }]);
  // Nothing was measured there: that is no shortage.
  expect(stock).toBeGreaterThan(0);
  expect(await alerts("out_of_stock")).toEqual([]);
  expect(await alertsOf(`subject=${subject}&active=true`)).toEqual([]);
});

test("fifty triggers at once, while two nodes watch, open one alert of a rule and its subject", async ({
  api,
  shop,
}) => {
  const { set, stock, judged, alerts, rule } = shop;
  const { pool, listener } = api.db;
  await rule("out_of_stock");
  const other = startAlertEngine(pool, listener, new ReceiptClock(), quiet);
  const rules = await loadAlertRules(pool);
  await set(0);
  await Promise.all(Array.from({ length: 50 }, () => assessSubjects(pool, rules, STOCK, [stock])));
  const goal = other.ticks() + 2;
  await expect.poll(() => other.ticks()).toBeGreaterThanOrEqual(goal);
  await judged();
  expect(other.lastError()).toBeUndefined();
  await other.close();
  const open = await alerts("out_of_stock");
  expect(open).toMatchObject([
    { state: "open", times: 1 },
    { state: "open", times: 1 },
  ]);
  expect(new Set(open.map((alert) => alert["rule_id"])).size).toBe(2);
});

test("a shortage is alerted after its hold, also across a restart, and not again while it lasts", async ({
  api,
  rig,
  shop,
}) => {
  const { set, judged, alerts, rule, subject } = shop;
  const id = await rule("low_stock", { hold_seconds: 3_600 });
  const held = async () =>
    (
      await api.db.pool.query<{ seconds: number }>(
        "SELECT round(extract(epoch FROM due_at - now()))::int AS seconds FROM alert_conditions WHERE rule_id = $1 AND subject = $2",
        [id, subject],
      )
    ).rows;
  const due = () =>
    api.db.pool.query("UPDATE alert_conditions SET due_at = now() WHERE rule_id = $1 AND subject = $2", [id, subject]);
  const own = async () => (await alerts("low_stock")).filter((alert) => alert["rule_id"] === id);
  await set(12);
  await judged();
  expect(await held()).toEqual([]);
  await set(10);
  await expect.poll(held).toHaveLength(1);
  // A break of the shortage ends the hold.
  await set(11);
  await expect.poll(held).toEqual([]);
  await set(9);
  await expect.poll(held).toHaveLength(1);
  await rig.restart();
  await judged();
  expect(await own()).toEqual([]);
  expect((await held())[0]!.seconds).toBeGreaterThan(3_000);
  await due();
  await expect.poll(own).toMatchObject([{ state: "open", detail: { projected: 9, reorder_point: 10 } }]);
  // About its limit, and after another restart, it is the same alert.
  for (const quantity of [11, 10, 11, 8]) {
    await set(quantity);
    await judged();
  }
  await rig.restart();
  await judged();
  expect(await own()).toMatchObject([{ state: "open", times: 1 }]);
  await set(12);
  await expect.poll(own).toMatchObject([{ state: "resolved" }]);
});

test("people acknowledge, snooze, assign and resolve; what they have resolved stays so until its cause was gone", async ({
  api,
  shop,
  manager,
  operator,
  viewer,
}) => {
  const { set, judged, alerts, findings } = shop;
  await set(0);
  await expect.poll(() => alerts("out_of_stock")).toHaveLength(1);
  const [{ id }] = (await alerts("out_of_stock")) as [{ id: number }];
  const path = `/alerts/${id}`;
  const act = (what: string, body?: object, headers?: Record<string, string>) =>
    operator(`POST ${path}/${what}`, body, headers);
  expect((await viewer(`POST ${path}/ack`)).status).toBe(403);
  const first = await viewer(`GET ${path}`);
  const etag = first.headers.get("ETag")!;
  const me = (await operator("GET /auth/me")).body as { id: number; email: string };
  const acknowledged = await act("ack", { note: "I go there" }, { "If-Match": etag });
  expect(acknowledged.status).toBe(200);
  expect(acknowledged.body).toMatchObject({ state: "acknowledged", acknowledged_by: `user:${me.id}` });
  expect((await act("ack", {}, { "If-Match": etag })).status).toBe(412);
  const people = (await operator("GET /alerts/assignees")).body as unknown as { id: number; name: string }[];
  expect(people.map((person) => person.id)).toContain(me.id);
  expect((await act("assign", { user_id: me.id })).body).toMatchObject({ assigned_to: me.id, assignee: me.email });
  const nobody = await act("assign", { user_id: ((await viewer("GET /auth/me")).body as { id: number }).id });
  expect(nobody).toMatchObject({ status: 400, body: { errors: [{ pointer: "/user_id" }] } });
  expect((await manager(`GET /alerts?assigned_to=${me.id}&subject=${shop.subject}`)).body).toMatchObject([{ id }]);
  expect((await act("snooze", {})).status).toBe(400);
  expect((await act("snooze", { minutes: 5, until: "2100-01-01T00:00:00Z" })).status).toBe(400);
  expect((await act("snooze", { until: "2020-01-01T00:00:00Z" })).status).toBe(400);
  const until = new Date(Date.now() + 3_600_000);
  expect((await act("snooze", { until: until.toISOString() })).body).toMatchObject({
    state: "snoozed",
    snoozed_until: until.toISOString(),
  });
  await api.db.pool.query("UPDATE alerts SET snoozed_until = now() WHERE id = $1", [id]);
  await expect.poll(() => alerts("out_of_stock")).toMatchObject([{ state: "open", snoozed_until: null }]);
  const resolved = await act("resolve", { note: "ordered by phone" });
  expect(resolved.body).toMatchObject({ state: "resolved", resolution: "ordered by phone" });
  for (const what of ["ack", "resolve"]) expect((await act(what)).status).toBe(409);
  expect((await act("snooze", { minutes: 5 })).status).toBe(409);
  const history = (await viewer(`GET ${path}/history`)).body as unknown as Row[];
  expect(history.map(({ action, actor_name, note }) => [action, actor_name, note])).toEqual([
    ["opened", null, null],
    ["acknowledged", me.email, "I go there"],
    ["assigned", me.email, me.email],
    ["snoozed", me.email, `until ${until.toISOString()}`],
    ["woken", null, null],
    ["resolved", me.email, "ordered by phone"],
  ]);
  // It is still empty: nobody is told a second time.
  await set(0);
  await judged();
  expect(await alerts("out_of_stock")).toHaveLength(1);
  await set(20);
  await expect.poll(findings).toBe(0);
  await set(0);
  await expect.poll(() => alerts("out_of_stock")).toMatchObject([{ state: "open" }, { state: "resolved", id }]);
  expect((await viewer("GET /alerts/987654")).status).toBe(404);
});

test("a value that goes on and off at once is one alert that has happened again, not one every second", async ({
  shop,
}) => {
  const { set, alerts } = shop;
  for (let times = 1; times <= 3; times += 1) {
    await set(0);
    await expect.poll(() => alerts("out_of_stock")).toMatchObject([{ state: "open", times }]);
    await set(20);
    await expect.poll(() => alerts("out_of_stock")).toMatchObject([{ state: "resolved", times }]);
  }
});

test("what happens again just when a person resolves its alert opens another one", async ({ api, shop, operator }) => {
  const { set, alerts, subject, stock, location } = shop;
  await set(0);
  await expect.poll(() => alerts("out_of_stock")).toMatchObject([{ state: "open" }]);
  const [{ id, rule_id: ruleId }] = (await alerts("out_of_stock")) as [{ id: number; rule_id: number }];
  const rule = (await loadAlertRules(api.db.pool)).find((known) => known.id === ruleId)!;
  expect((await operator(`POST /alerts/${id}/resolve`)).status).toBe(200);
  // As an engine writes that has read before the person resolved it.
  const target = {
    stockId: stock,
    deviceId: null,
    vehicleId: null,
    shipmentId: null,
    tripId: null,
    locationId: location,
  };
  await transaction(api.db.pool, (client) =>
    commitAlertChanges(client, [
      {
        ...{ ruleId, ruleVersion: rule.version, subject, effect: "again" },
        condition: { since: 0, dueAt: null, lastFactId: null },
        alert: {
          ...{ type: rule.type, severity: rule.severity, ...target },
          ...{ detail: {}, late: false, notifies: true, happenedAt: 0, times: 1 },
        },
      },
    ]),
  );
  expect(await alerts("out_of_stock")).toMatchObject([
    { state: "open", times: 1 },
    { state: "resolved", id },
  ]);
});
