import { createHmac } from "node:crypto";
import { expect } from "vitest";
import { recordOutcome } from "../../../api/integrations/relay/deliveries.ts";
import { linkedAlert, relayTest as test, type Row } from "./relay-test.ts";

test("an alert is one mail, and one more when nobody acknowledges it, while two relays are at work", async ({
  mail,
  operator,
  site,
}) => {
  const { address, open, rule, due, deliveries, relays } = site;
  const boss = `boss-${address}`;
  const { id } = await rule({ escalate_after_minutes: 10, escalate_to: boss });
  const alerts: number[] = [];
  for (let opened = 0; opened < 6; opened += 1) alerts.push(await open());
  await expect.poll(() => mail.to(address).length).toBe(6);
  const [first, second] = alerts as [number, number];
  expect(mail.to(address)[0]).toMatchObject({ from: "alerts@waystock.test", to: [address] });
  expect(mail.to(address)[0]!.header("subject")).toMatch(/^Warning: .* 3 left, .*; reorder point 10$/);
  expect(new Set(mail.to(address).map(linkedAlert))).toEqual(new Set(alerts));
  expect(new Set(mail.to(address).map((received) => received.header("message-id"))).size).toBe(6);
  expect((await operator(`POST /alerts/${second}/ack`)).status).toBe(200);
  await due(id);
  await expect.poll(() => mail.to(boss).length).toBe(5);
  expect(mail.to(boss)[0]!.header("subject")).toMatch(/^Nobody has acknowledged: Warning/);
  const told = async (alert: number) => deliveries(`alerts/${alert}`);
  const sent = { state: "sent", channel: "email", attempts: 1, response: expect.stringMatching(/^250 .*4711/) };
  const mailed = { ...sent, kind: "alert", target: address, rule_id: id };
  const again = { ...sent, kind: "escalation", target: boss, alert_ids: [first] };
  await expect.poll(() => told(first)).toMatchObject([{ ...mailed, alert_ids: [first] }, again]);
  const cancelled = { kind: "escalation", state: "cancelled", response: "somebody has seen to it" };
  await expect.poll(() => told(second)).toMatchObject([mailed, cancelled]);
  await relays.looked();
  expect([mail.to(address).length, mail.to(boss).length]).toEqual([6, 5]);
});

test("an alert that pages nobody is told when it happens live, once, and is no news when it comes back", async ({
  mail,
  site,
}) => {
  const { address, change, subject, rule, relays } = site;
  await rule({});
  const about = subject();
  await change(about, "open", { notifies: false });
  await relays.looked();
  expect(mail.to(address)).toEqual([]);
  await change(about, "again");
  await expect.poll(() => mail.to(address).length).toBe(1);
  await change(about, "again");
  await change(about, "resolve");
  await change(about, "open");
  await relays.looked();
  expect(mail.to(address)).toHaveLength(1);
});

test("a rule tells of its types and severities, at its places and below them, and of nothing else", async ({
  mail,
  world,
  api,
  site,
  n,
}) => {
  const { address, location, open, rule, relays } = site;
  const shelf = await world.location(`shelf ${n}`, "delivery");
  await api.db.pool.query("UPDATE locations SET parent_id = $2 WHERE id = $1", [shelf, location]);
  const elsewhere = await world.location(`elsewhere ${n}`, "delivery");
  await rule({ target: `types-${address}`, types: ["dwell"] });
  await rule({ target: `severe-${address}`, severities: ["critical"] });
  await rule({ target: `off-${address}`, enabled: false });
  await rule({ target: `shelf-${address}`, location_ids: [shelf] });
  await rule({});
  await open({ at: elsewhere });
  await open({ at: shelf });
  await open();
  await expect.poll(() => mail.to(address).length).toBe(2);
  await expect.poll(() => mail.to(`shelf-${address}`).length).toBe(1);
  await relays.looked();
  for (const none of ["types", "severe", "off"]) expect(mail.to(`${none}-${address}`)).toEqual([]);
});

test("a digest is one mail of what lasts; what comes outside of the hours waits for them", async ({
  mail,
  operator,
  site,
}) => {
  const { address, open, rule, due, deliveries, relays } = site;
  const digest = await rule({ digest_minutes: 60, escalate_after_minutes: 30 });
  const alerts = [await open(), await open(), await open()];
  const waits = { state: "waiting", attempts: 0 };
  await expect
    .poll(() => deliveries(`notification-rules/${digest.id}`))
    .toMatchObject([
      { ...waits, kind: "escalation", alert_ids: alerts },
      { ...waits, kind: "digest", alert_ids: alerts },
    ]);
  expect((await operator(`POST /alerts/${alerts[0]}/resolve`)).status).toBe(200);
  await due(digest.id);
  await expect.poll(() => mail.to(address).length).toBe(2);
  const subjects = mail.to(address).map((received) => received.header("subject"));
  expect(new Set(subjects)).toEqual(new Set(["2 alerts", "Nobody has acknowledged: 2 alerts"]));
  // No day but the one before yesterday: whatever the time, and the zone, it is another day now.
  const days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
  const other = days[(new Date().getUTCDay() + 5) % 7];
  const late = `late-${address}`;
  const night = await rule({ target: late, hours: { from: "08:00", to: "09:00", days: [other] } });
  await open();
  const held = () => deliveries(`notification-rules/${night.id}`);
  await expect.poll(held).toMatchObject([{ ...waits, kind: "alert" }]);
  expect(Date.parse(String((await held())[0]!["due_at"]))).toBeGreaterThan(Date.now());
  await relays.looked();
  expect(mail.to(late)).toEqual([]);
  await due(night.id);
  await expect.poll(() => mail.to(late).length).toBe(1);
});

test("a mail server that is away, then refuses, then is back: each alert arrives once, and the rule says what is wrong", async ({
  mail,
  manager,
  site,
}) => {
  const { address, open, rule, due, deliveries } = site;
  const { id } = await rule({});
  const state = async () => (await manager(`GET /notification-rules/${id}`)).body;
  mail.refuse = "451 try again later";
  const alerts = [await open(), await open()];
  await expect
    .poll(state)
    .toMatchObject({ failing_since: expect.any(String), last_error: expect.stringMatching(/451/) });
  expect(mail.to(address)).toEqual([]);
  mail.refuse = "550 no such mailbox";
  await due(id);
  const failed = { state: "failed", response: expect.stringMatching(/^550 no such mailbox/), sent_at: null };
  await expect.poll(() => deliveries(`alerts/${alerts[0]}`)).toMatchObject([failed]);
  mail.refuse = undefined;
  const third = await open();
  await due(id);
  await expect.poll(() => deliveries(`alerts/${third}`)).toMatchObject([{ state: "sent" }]);
  await expect.poll(state).toMatchObject({ failing_since: null, last_error: null });
  await expect.poll(async () => (await state())["waiting"]).toBe(0);
  const outcomes = await deliveries(`notification-rules/${id}`);
  expect(mail.to(address)).toHaveLength(outcomes.filter((row) => row["state"] === "sent").length);
});

test("a webhook is signed and has the same id at each attempt; it is not led elsewhere", async ({ http, site, n }) => {
  const { open, rule, due, deliveries } = site;
  const path = `/hook-${n}`;
  const { id, secret } = await rule({ channel: "webhook", target: `${http.url}${path}` });
  http.answer = { status: 503, headers: { "Retry-After": "3600" }, body: "not now" };
  const alert = await open();
  const told = () => deliveries(`alerts/${alert}`);
  await expect.poll(told).toMatchObject([{ state: "waiting", attempts: 1, response: "HTTP 503 not now" }]);
  expect(Date.parse(String((await told())[0]!["due_at"]))).toBeGreaterThan(Date.now() + 3_000_000);
  http.answer = { status: 302, headers: { Location: `${http.url}/elsewhere`, "Retry-After": "3600" } };
  await due(id);
  await expect.poll(told).toMatchObject([{ state: "waiting", attempts: 2, response: "HTTP 302" }]);
  http.answer = { status: 204 };
  await due(id);
  await expect.poll(told).toMatchObject([{ state: "sent", attempts: 3 }]);
  expect(http.at("/elsewhere")).toEqual([]);
  const posts = http.at(path);
  expect(posts).toHaveLength(3);
  expect(new Set(posts.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  const { headers, body } = posts[2]!;
  const key = Buffer.from(secret!.replace(/^whsec_/, ""), "base64");
  const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
  expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  const about = { rule: { id }, total: 1, alerts: [{ id: alert, type: "low_stock", severity: "warning" }] };
  expect(JSON.parse(body)).toMatchObject({ type: "alert.opened", data: about });
  expect((await told())[0]!["target"]).not.toContain(path);
});

test("Slack and Teams get their own forms, in which names are no marks", async ({ http, api, site, n }) => {
  const { open, rule, location } = site;
  await api.db.pool.query("UPDATE locations SET name = $2 WHERE id = $1", [location, `<b> *${n}* & co`]);
  await rule({ channel: "slack", target: `${http.url}/slack-${n}` });
  await rule({ channel: "teams", target: `${http.url}/teams-${n}` });
  http.answer = { status: 200 };
  const alert = await open();
  await expect.poll(() => http.at(`/slack-${n}`).length + http.at(`/teams-${n}`).length).toBe(2);
  const slack = JSON.parse(http.at(`/slack-${n}`)[0]!.body) as { text: string; blocks: Row[] };
  expect(slack.text).toContain(`&lt;b&gt; *${n}* &amp; co`);
  expect(JSON.stringify(slack.blocks)).toContain(`<http://waystock.test/#/?tab=alerts&alert=${alert}|`);
  const teams = JSON.parse(http.at(`/teams-${n}`)[0]!.body) as { attachments: { contentType: string; content: Row }[] };
  expect(teams.attachments[0]!.contentType).toBe("application/vnd.microsoft.card.adaptive");
  expect(JSON.stringify(teams.attachments[0]!.content["body"])).toContain(String.raw`<b> \\*${n}\\* & co`);
});

test("what a relay has taken is no other's until its lease ends; then it is sent, and the first one writes nothing", async ({
  api,
  mail,
  site,
}) => {
  const { address, open, rule, due, relays, deliveries } = site;
  const { pool } = api.db;
  const { id } = await rule({ digest_minutes: 60 });
  await open();
  const held = () => deliveries(`notification-rules/${id}`);
  await expect.poll(held).toHaveLength(1);
  // In one statement, before anybody else can look.
  const { rows } = await pool.query<{ id: number; claim: string }>(
    `UPDATE notification_deliveries SET due_at = now(), claim = gen_random_uuid(), claimed_until = now() + interval '1 hour'
    WHERE rule_id = $1 RETURNING id, claim`,
    [id],
  );
  await relays.looked();
  expect(mail.to(address)).toEqual([]);
  await pool.query("UPDATE notification_deliveries SET claimed_until = now() WHERE rule_id = $1", [id]);
  await due(id);
  await expect.poll(() => mail.to(address).length).toBe(1);
  await expect.poll(held).toMatchObject([{ state: "sent" }]);
  const killed = { ...rows[0]!, ruleId: id, alertIds: [], attempts: 1 } as unknown as Parameters<
    typeof recordOutcome
  >[1];
  expect(await recordOutcome(pool, killed, { state: "failed", response: "too late" })).toBe(false);
  expect(await held()).toMatchObject([{ state: "sent" }]);
});

test("what waits goes to where its rule leads now, and nowhere when the rule is turned off or removed", async ({
  mail,
  manager,
  site,
}) => {
  const { address, open, rule, due, deliveries } = site;
  const moved = await rule({ digest_minutes: 60 });
  const removed = await rule({ digest_minutes: 60, target: `removed-${address}` });
  const off = await rule({ digest_minutes: 60, target: `off-${address}` });
  const alert = await open();
  await expect.poll(() => deliveries(`alerts/${alert}`)).toHaveLength(3);
  const target = `new-${address}`;
  expect((await manager(`PUT /notification-rules/${moved.id}`, { target })).status).toBe(200);
  expect((await manager(`PUT /notification-rules/${off.id}`, { enabled: false })).status).toBe(200);
  expect((await manager(`DELETE /notification-rules/${removed.id}`)).status).toBe(204);
  await due(moved.id);
  await expect
    .poll(() => deliveries(`alerts/${alert}`))
    .toMatchObject([
      { state: "sent", target },
      { state: "cancelled", rule_id: null, rule_name: null, response: "the rule was removed" },
      { state: "cancelled", response: "the rule was turned off" },
    ]);
  expect(mail.to(address)).toEqual([]);
  expect(mail.to(target)).toHaveLength(1);
  // Rules are changed while the relays make deliveries of them, and write down what became of these.
  await manager(`PUT /notification-rules/${moved.id}`, { digest_minutes: null });
  const change = () => manager(`PUT /notification-rules/${moved.id}`, { name: "changed" });
  const all = await Promise.all(Array.from({ length: 8 }, async () => (await open(), await change()).status));
  expect(all).toEqual(Array.from({ length: 8 }, () => 200));
  await expect.poll(() => mail.to(target).length).toBe(9);
});
