import { expect } from "vitest";
import { startPushReceiver, type TestBrowser } from "../../support/push-receiver.ts";
import { relayTest, type Row } from "./relay-test.ts";

const test = relayTest
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("push", { scope: "file" }, async ({}, { onCleanup }) => {
    const push = await startPushReceiver();
    onCleanup(() => push.close());
    return push;
  })
  .extend("people", async ({ api, push }) => {
    const known = async () =>
      (await api.db.pool.query<{ id: number; email: string }>("SELECT id, email FROM users")).rows;
    return {
      /** somebody with this role, and browsers of theirs that are subscribed */
      async person(role: "manager" | "operator" | "sales" | "viewer" | "auditor", count = 1) {
        const before = new Set((await known()).map(({ id }) => id));
        const call = await api.as(role);
        const user = (await known()).find(({ id }) => !before.has(id))!;
        const key = String((await call("GET /push-key")).body["public_key"]);
        const browsers: TestBrowser[] = [];
        for (let more = 0; more < count; more += 1) {
          const browser = push.browser(key);
          expect(await call("POST /push-subscriptions", browser.subscription)).toMatchObject({ status: 201 });
          browsers.push(browser);
        }
        return { ...user, call, browsers };
      },
    };
  });

const numbers = (browsers: readonly TestBrowser[]) => browsers.map(({ received }) => received.length);

test("an alert comes once to each browser of a person, encrypted for it and signed, while two relays are at work", async ({
  people,
  site,
  push,
}) => {
  const ann = await people.person("auditor", 2);
  const bob = await people.person("auditor", 1);
  const rule = await site.rule({ channel: "push", target: ann.email.toUpperCase() });
  const alert = await site.open();
  await expect.poll(() => numbers(ann.browsers)).toEqual([1, 1]);
  await expect
    .poll(() => site.deliveries(`alerts/${alert}`))
    .toMatchObject([{ state: "sent", channel: "push", attempts: 1, response: "accepted for 2 browsers" }]);
  const [{ payload, headers }] = ann.browsers[0]!.received as [TestBrowser["received"][number]];
  expect(payload).toMatchObject({
    title: expect.stringMatching(/^Warning: .*reorder point 10$/),
    url: `http://waystock.test/#/?tab=alerts&alert=${alert}`,
  });
  expect(payload.body.length).toBeGreaterThan(10);
  expect(headers).toMatchObject({ ttl: "86400", "content-encoding": "aes128gcm", urgency: "normal" });
  expect(headers["topic"]).toBe(payload.tag.replaceAll("-", ""));
  expect(push.faults).toEqual([]);
  expect(numbers(bob.browsers)).toEqual([0]);
  expect(await site.deliveries(`notification-rules/${rule.id}`)).toHaveLength(1);
});

test("an attempt that is made again goes to the browsers that have not accepted; one that is gone is removed, and the log says so", async ({
  people,
  site,
}) => {
  const { call, browsers, email } = await people.person("sales", 3);
  const [fine, busy, gone] = browsers as [TestBrowser, TestBrowser, TestBrowser];
  busy.refuse = { status: 503 };
  gone.refuse = { status: 410 };
  const rule = await site.rule({ channel: "push", target: "sales" });
  const alert = await site.open();
  const told = () => site.deliveries(`alerts/${alert}`);
  await expect
    .poll(told)
    .toMatchObject([{ state: "waiting", response: expect.stringMatching(/accepted for 1 browser; .* 503 not now$/) }]);
  await expect.poll(async () => ((await call("GET /push-subscriptions")).body as unknown as Row[]).length).toBe(2);
  busy.refuse = undefined;
  await site.due(rule.id);
  await expect.poll(told).toMatchObject([{ state: "sent", response: "accepted for 2 browsers" }]);
  await site.relays.looked();
  expect(numbers([fine, busy, gone])).toEqual([1, 1, 0]);
  // The last one goes too: the log names the answer, and the rule says that nobody is reached.
  for (const browser of [fine, busy]) browser.refuse = { status: 404 };
  const second = await site.open();
  const failed = { state: "failed", response: expect.stringMatching(/^2 browsers gone and removed: HTTP 404/) };
  await expect.poll(() => site.deliveries(`alerts/${second}`)).toMatchObject([failed]);
  const third = await site.open();
  const nobody = { state: "failed", response: "no active user with the role sales has a subscribed browser" };
  await expect.poll(() => site.deliveries(`alerts/${third}`)).toMatchObject([nobody]);
  expect(email).toContain("sales");
});

test("nobody is pushed what they may not see, and who is not active any longer nothing", async ({
  api,
  people,
  site,
  world,
  n,
}) => {
  const elsewhere = await world.location(`far from ${n}`, "delivery");
  const here = await people.person("viewer");
  const there = await people.person("viewer");
  const left = await people.person("viewer");
  const limit = "UPDATE users SET location_ids = $2::int[] WHERE id = $1";
  await api.db.pool.query(limit, [here.id, `{${site.location}}`]);
  await api.db.pool.query(limit, [there.id, `{${elsewhere}}`]);
  await api.db.pool.query("UPDATE users SET active = false WHERE id = $1", [left.id]);
  await site.rule({ channel: "push", target: "viewer" });
  const first = await site.open();
  await expect.poll(() => numbers(here.browsers)).toEqual([1]);
  await expect.poll(() => site.deliveries(`alerts/${first}`)).toMatchObject([{ state: "sent" }]);
  await api.db.pool.query("UPDATE users SET active = false WHERE id = $1", [here.id]);
  const second = await site.open();
  const response = "nobody who would be told may see what it is about";
  await expect.poll(() => site.deliveries(`alerts/${second}`)).toMatchObject([{ state: "cancelled", response }]);
  expect(numbers([...there.browsers, ...left.browsers])).toEqual([0, 0]);
});

test("a digest is one message, and its escalation goes to another role", async ({ people, site }) => {
  const shift = await people.person("operator");
  const boss = await people.person("manager");
  const more = { digest_minutes: 60, escalate_after_minutes: 10, escalate_to: boss.email };
  const rule = await site.rule({ channel: "push", target: shift.email, ...more });
  await site.open();
  await site.open();
  const sent = () => site.deliveries(`notification-rules/${rule.id}`);
  await expect
    .poll(sent)
    .toMatchObject([{ kind: "escalation" }, { kind: "digest", alert_ids: [{}, {}].map(() => expect.any(Number)) }]);
  await site.due(rule.id);
  await expect.poll(() => numbers([...shift.browsers, ...boss.browsers])).toEqual([1, 1]);
  expect(shift.browsers[0]!.received[0]!.payload).toMatchObject({
    title: "2 alerts",
    url: "http://waystock.test/#/?tab=alerts",
  });
  expect(boss.browsers[0]!.received[0]!.payload.title).toBe("Nobody has acknowledged: 2 alerts");
});

test("a browser is subscribed by its own person, at a host that may be posted to, and belongs to who subscribed it last", async ({
  api,
  people,
  push,
}) => {
  const { call, browsers } = await people.person("viewer");
  const subscription = browsers[0]!.subscription;
  const { keys } = subscription;
  const refused = async (body: object) => {
    const answer = await call("POST /push-subscriptions", body);
    expect(answer).toMatchObject({ status: 400 });
    return (answer.body["errors"] as { pointer: string }[]).map(({ pointer }) => pointer);
  };
  for (const endpoint of ["http://10.0.0.1/x", "https://169.254.169.254/x", "https://localhost/x", "no url"])
    expect(await refused({ endpoint, keys })).toEqual(["/endpoint"]);
  expect(await refused({ ...subscription, keys: { ...keys, p256dh: keys.auth } })).toContain("/keys/p256dh");
  expect(await refused({ ...subscription, keys: { ...keys, auth: "AAAA" } })).toEqual(["/keys/auth"]);
  const mine = async () => (await call("GET /push-subscriptions")).body as unknown as Row[];
  const [own] = await mine();
  expect(own).toMatchObject({
    service: push.url.replace("http://", ""),
    endpoint_sha256: expect.stringMatching(/^[\da-f]{64}$/),
  });
  expect(JSON.stringify(own)).not.toContain(subscription.endpoint);
  const other = await api.as("operator");
  expect((await other(`DELETE /push-subscriptions/${String(own!["id"])}`)).status).toBe(404);
  expect((await other("POST /push-subscriptions", subscription)).status).toBe(201);
  expect(await mine()).toEqual([]);
  const [theirs] = (await other("GET /push-subscriptions")).body as unknown as Row[];
  expect((await other(`DELETE /push-subscriptions/${String(theirs!["id"])}`)).status).toBe(204);
  // Too many are forgotten ones.
  for (let more = 0; more < 20; more += 1)
    expect(await call("POST /push-subscriptions", push.browser("k").subscription)).toMatchObject({ status: 201 });
  expect(await call("POST /push-subscriptions", push.browser("k").subscription)).toMatchObject({ status: 409 });
  const { rows } = await api.db.pool.query("SELECT private_key, sealed_private_key FROM push_keys");
  expect(rows).toEqual([{ private_key: null, sealed_private_key: expect.any(Buffer) }]);
  const audited = await api.db.pool.query("SELECT detail FROM audit WHERE action LIKE '%push-subscriptions%'");
  expect(audited.rows.length).toBeGreaterThan(20);
  expect(JSON.stringify(audited.rows)).not.toContain("/push/");
});

test("a rule names a role or an active user", async ({ manager, people }) => {
  const { email } = await people.person("viewer", 0);
  const rule = { name: "Push", types: ["low_stock"], channel: "push" };
  for (const target of ["nobody", "nobody@waystock.test", "https://push.example/x"])
    expect(await manager("POST /notification-rules", { ...rule, target })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: "/target" }] },
    });
  const more = { escalate_after_minutes: 5, escalate_to: "nobody@waystock.test" };
  expect(await manager("POST /notification-rules", { ...rule, target: email, ...more })).toMatchObject({ status: 400 });
  expect(await manager("POST /notification-rules", { ...rule, target: email })).toMatchObject({ status: 201 });
  expect(await manager("POST /notification-rules", { ...rule, target: "operator" })).toMatchObject({ status: 201 });
});
