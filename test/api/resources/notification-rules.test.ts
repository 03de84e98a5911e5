import { expect, test as base } from "vitest";
import { startApi } from "../support.ts";

const test = base
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("api", { scope: "file" }, async ({}, { onCleanup }) => {
    const api = await startApi();
    onCleanup(() => api.close());
    return api;
  })
  .extend("manager", { scope: "file" }, ({ api }) => api.as("manager"))
  .extend("operator", { scope: "file" }, ({ api }) => api.as("operator"));

const MAIL = { name: "Shelves", types: ["low_stock"], channel: "email", target: "shift@example.com" };

test("managers make, change and remove notification rules; days may be written in several ways", async ({
  manager,
}) => {
  const hours = { from: "22:00", to: "06:00", days: ["Mon", "tuesday", 7] };
  const made = await manager("POST /notification-rules", {
    ...MAIL,
    hours,
    severities: ["critical"],
    digest_minutes: 5,
  });
  expect(made).toMatchObject({
    status: 201,
    body: {
      ...{ ...MAIL, enabled: true, severities: ["critical"], location_ids: null, digest_minutes: 5, secret: null },
      ...{ escalate_after_minutes: null, escalate_to: null, failing_since: null, waiting: 0 },
      hours: { from: "22:00", to: "06:00", days: ["mon", "tue", "sun"] },
    },
  });
  const path = `/notification-rules/${String(made.body["id"])}`;
  expect(made.headers.get("Location")).toBe(path);
  const { secret: _, ...rule } = made.body;
  expect((await manager(`GET ${path}`)).body).toEqual(rule);
  const changed = await manager(`PUT ${path}`, { hours: null, enabled: false });
  expect(changed).toMatchObject({ status: 200, body: { hours: null, enabled: false, digest_minutes: 5 } });
  expect(await manager(`PUT ${path}`, {}, { "If-Match": made.headers.get("ETag")! })).toMatchObject({ status: 412 });
  expect((await manager(`DELETE ${path}`)).status).toBe(204);
  expect((await manager(`GET ${path}`)).status).toBe(404);
  expect((await manager(`POST ${path}/test`)).status).toBe(404);
});

test("a test is on its way once, whatever the hours, and is told in the deliveries of the rule", async ({
  manager,
}) => {
  const { body } = await manager("POST /notification-rules", MAIL);
  const path = `/notification-rules/${String(body["id"])}`;
  const sent = await manager(`POST ${path}/test`);
  expect(sent).toMatchObject({
    status: 202,
    body: { kind: "test", state: "waiting", target: MAIL.target, alert_ids: [], rule_name: "Shelves" },
  });
  expect((await manager(`POST ${path}/test`)).body["id"]).toBe(sent.body["id"]);
  expect((await manager(`GET ${path}/deliveries`)).body).toMatchObject([{ id: sent.body["id"], rule_id: body["id"] }]);
  expect((await manager(`GET ${path}`)).body).toMatchObject({ waiting: 1 });
});

test.for([
  ["nobody who has browsers", { channel: "push", target: "me" }, "/target"],
  ["a channel that nobody knows", { channel: "fax" }, "/channel"],
  ["no address of mail", { target: "shift" }, "/target"],
  ["two addresses of mail", { target: "a@example.com,b@example.com" }, "/target"],
  ["a mail header", { target: "a@example.com\r\nBcc: b@example.com" }, "/target"],
  ["no URL", { channel: "webhook", target: "hooks.example.com" }, "/target"],
  ["another scheme", { channel: "webhook", target: "file:///etc/passwd" }, "/target"],
  ["a URL without TLS", { channel: "slack", target: "http://hooks.example.com/x" }, "/target"],
  ["a private address", { channel: "webhook", target: "https://10.0.0.1/x" }, "/target"],
  ["an address of this machine", { channel: "webhook", target: "https://localhost/x" }, "/target"],
  ["a number that is one", { channel: "webhook", target: "https://0x7f000002/x" }, "/target"],
  ["metadata of a cloud", { channel: "teams", target: "https://169.254.169.254/latest" }, "/target"],
  ["IPv4 within IPv6", { channel: "webhook", target: "https://[::ffff:127.0.0.2]/x" }, "/target"],
  ["a password in a URL", { channel: "webhook", target: "https://a:b@hooks.example.com/x" }, "/target"],
  ["an escalation to nowhere", { escalate_after_minutes: 5, escalate_to: "nobody" }, "/escalate_to"],
  ["an escalation without a time", { escalate_to: "boss@example.com" }, "/escalate_after_minutes"],
  ["no type", { types: [] }, "/types"],
  ["an unknown type", { types: ["low_stok"] }, "/types/0"],
  ["no day", { hours: { from: "08:00", to: "17:00", days: [] } }, "/hours/days"],
  ["an eighth day", { hours: { from: "08:00", to: "17:00", days: [8] } }, "/hours/days/0"],
  ["no time of day", { hours: { from: "8", to: "25:00", days: ["mon"] } }, "/hours/from"],
  ["an unknown place", { location_ids: [987_654] }, "/location_ids/0"],
  ["an unknown field", { colour: "red" }, "/colour"],
] as const)("a rule with %s is refused, and told where", async ([, fields, pointer], { manager }) => {
  const answer = await manager("POST /notification-rules", { ...MAIL, ...fields });
  expect(answer).toMatchObject({ status: 400 });
  expect((answer.body["errors"] as { pointer: string }[]).map((error) => error.pointer)).toContain(pointer);
});

test("the URL of a chat is a secret: others see its host, and no audit entry and no log of deliveries holds it", async ({
  api,
  manager,
  operator,
}) => {
  const target = "https://hooks.slack.example/services/T0/B0/verysecretpart";
  const made = await manager("POST /notification-rules", { ...MAIL, channel: "slack", target });
  const path = `/notification-rules/${String(made.body["id"])}`;
  expect(made.body["target"]).toBe(target);
  for (const call of [`GET ${path}`, "GET /notification-rules?limit=200"]) {
    expect(JSON.stringify((await manager(call)).body)).toContain("verysecretpart");
    const shown = JSON.stringify((await operator(call)).body);
    expect(shown).toContain("hooks.slack.example");
    expect(shown).not.toContain("verysecretpart");
  }
  const other = target.replace("verysecretpart", "othersecretpart");
  expect((await manager(`PUT ${path}`, { target: other })).status).toBe(200);
  await manager(`POST ${path}/test`);
  expect(JSON.stringify((await manager(`GET ${path}/deliveries`)).body)).not.toContain("secretpart");
  const { rows } = await api.db.pool.query(
    "SELECT action, detail FROM audit WHERE subject LIKE '/notification-rules%'",
  );
  expect(rows).toContainEqual(expect.objectContaining({ action: "PUT /notification-rules/{id}" }));
  expect(JSON.stringify(rows)).toContain("hooks.slack.example");
  expect(JSON.stringify(rows)).not.toContain("secretpart");
  const hook = await manager("POST /notification-rules", { ...MAIL, channel: "webhook", target: other });
  expect(hook.body["secret"]).toMatch(/^whsec_[\w+/]{43}=$/);
  const kept = await api.db.pool.query("SELECT secret, sealed_secret FROM notification_secrets");
  expect(kept.rows).toEqual([{ secret: null, sealed_secret: expect.any(Buffer) }]);
});
