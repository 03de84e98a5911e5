import { afterAll, beforeAll, expect, test } from "vitest";
import { connectRaw, publishPacket } from "../../broker/raw-client.ts";
import { log, startPlatform, type TestPlatform } from "../../broker/platform.ts";
import { startApi, type TestApi } from "../support.ts";

let api: TestApi;
let platform: TestPlatform;
let admin: Awaited<ReturnType<TestApi["as"]>>;
beforeAll(async () => {
  api = await startApi();
  platform = await startPlatform({ connectsPerMinute: 1000 }, undefined, log, api.db);
  admin = await api.as("admin");
});
afterAll(async () => {
  await platform?.close();
  await api?.close();
});

const FILTERS = { publish: ["devices/+/gps", "plant/#"], subscribe: ["plant/+/orders"] };
let accounts = 0;

async function addAccount(fields: object = {}) {
  const answer = await admin("POST /service-accounts", { id: `gateway-${(accounts += 1)}`, ...FILTERS, ...fields });
  expect(answer.status).toBe(201);
  return answer.body as { id: string; secret: string };
}
let connections = 0;
const connect = (id: string, password: string) =>
  connectRaw(platform.port, { clientId: `${id}/${(connections += 1)}`, username: id, password });
const returnCode = async (id: string, password: string): Promise<number> => {
  const { client, returnCode } = await connect(id, password);
  client.destroy();
  return returnCode;
};
async function welcome(id: string, password: string) {
  const { client, returnCode } = await connect(id, password);
  expect(returnCode).toBe(0);
  return client;
}

test("an account is added, read, listed, changed and removed; its secret is shown once", async () => {
  const added = await admin("POST /service-accounts", { id: "bridge", name: "Bridge to the plant", ...FILTERS });
  expect(added.status).toBe(201);
  expect(added.headers.get("Location")).toBe("/service-accounts/bridge");
  const { secret, ...account } = added.body as { secret: string };
  expect(secret).toMatch(/^[\w-]{43}$/);
  expect(account).toMatchObject({
    id: "bridge",
    name: "Bridge to the plant",
    ...FILTERS,
    active: true,
    expires_at: null,
    last_used_at: null,
    rotated_at: null,
  });
  const read = await admin("GET /service-accounts/bridge");
  expect(read.body).toEqual(account);
  expect((await admin("GET /service-accounts")).body).toContainEqual(account);
  const changed = await admin(
    "PUT /service-accounts/bridge",
    { subscribe: ["#"] },
    { "If-Match": read.headers.get("ETag")! },
  );
  expect(changed.body).toMatchObject({ publish: FILTERS.publish, subscribe: ["#"] });
  expect((await admin("PUT /service-accounts/bridge", {}, { "If-Match": read.headers.get("ETag")! })).status).toBe(412);
  expect((await admin("DELETE /service-accounts/bridge")).status).toBe(204);
  expect((await admin("GET /service-accounts/bridge")).status).toBe(404);
});

test("a filter that is none is refused with its place and its clause", async () => {
  for (const [list, filter, clause] of [
    ["publish", "a/#/b", "4.7.1-2"],
    ["subscribe", "a+", "4.7.1-3"],
    ["subscribe", "$share/g/a", "nobody"],
  ] as const) {
    const answer = await admin("POST /service-accounts", { id: "refused", [list]: ["ok/#", filter] });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: `/${list}/1` }] } });
    expect(JSON.stringify(answer.body)).toContain(clause);
  }
});

test("a device's id is no account's, and an account's no device's", async () => {
  const { id } = await addAccount();
  expect((await admin("POST /devices", { id, kind: "gps" })).status).toBe(409);
  expect((await admin("POST /devices", { id: "truck-1", kind: "gps" })).status).toBe(201);
  expect((await admin("POST /service-accounts", { id: "truck-1" })).status).toBe(409);
  expect((await admin("POST /service-accounts", { id })).status).toBe(409);
});

test("the account connects at once with its secret, and may use its filters and no others", async () => {
  const { id, secret } = await addAccount();
  const client = await welcome(id, secret);
  expect(await returnCode(id, `${secret}x`)).toBe(4);
  client.send({
    cmd: "subscribe",
    messageId: 1,
    subscriptions: [
      { topic: "plant/a/orders", qos: 1 },
      { topic: "plant/#", qos: 1 },
    ],
  });
  expect(await client.next("suback")).toMatchObject({ granted: [1, 0x80] });
  client.send(publishPacket("plant/a/orders", "1", 1, 2));
  await client.next("puback");
  client.send(publishPacket("devices/truck-9/rfid", "{}", 1, 3));
  await client.closed(1000);
});

test.for<[string, (id: string) => Promise<unknown>, number]>([
  ["is removed", (id) => admin(`DELETE /service-accounts/${id}`), 4],
  ["is deactivated", (id) => admin(`PUT /service-accounts/${id}`, { active: false }), 5],
])("when an account %s, its connection ends within a second", async ([, change, refused]) => {
  const { id, secret } = await addAccount();
  const [other, client] = [await addAccount(), await welcome(id, secret)];
  const bystander = await welcome(other.id, other.secret);
  await change(id);
  await client.closed(1000);
  expect(await returnCode(id, secret)).toBe(refused);
  bystander.send({ cmd: "pingreq" });
  await bystander.next("pingresp");
  bystander.destroy();
});

test("when its filters change, an account's connection ends within a second, and the next one has the new filters", async () => {
  const { id, secret } = await addAccount();
  const client = await welcome(id, secret);
  await admin(`PUT /service-accounts/${id}`, { publish: ["other/#"] });
  await client.closed(1000);
  const again = await welcome(id, secret);
  again.send(publishPacket("plant/a", "1", 1, 1));
  await again.closed(1000);
});

test("two secrets are valid during a rotation; the third ends the first with its connection", async () => {
  const { id, secret: first } = await addAccount();
  const old = await welcome(id, first);
  const rotate = async () => {
    const answer = await admin(`POST /service-accounts/${id}/credentials`);
    expect(answer.status).toBe(201);
    return (answer.body as { secret: string }).secret;
  };
  const second = await rotate();
  expect(await returnCode(id, second)).toBe(0);
  old.send({ cmd: "pingreq" });
  await old.next("pingresp");
  const third = await rotate();
  await old.closed(1000);
  expect([await returnCode(id, first), await returnCode(id, second), await returnCode(id, third)]).toEqual([4, 0, 0]);
});

test("an account that expires is refused from then on, its connection ends at that moment, and its last use is told", async () => {
  const { id, secret } = await addAccount({ expires_at: new Date(Date.now() + 3_000).toISOString() });
  const client = await welcome(id, secret);
  const usedAt = async () => (await admin(`GET /service-accounts/${id}`)).body["last_used_at"];
  await expect.poll(usedAt).toEqual(expect.any(String));
  await client.closed(10_000);
  expect(await returnCode(id, secret)).toBe(5);
  const renewed = await admin(`PUT /service-accounts/${id}`, { expires_at: null });
  expect(renewed.body).toMatchObject({ expires_at: null });
  const again = await welcome(id, secret);
  await admin(`PUT /service-accounts/${id}`, { expires_at: "2020-01-01T00:00:00Z" });
  await again.closed(1000);
  expect(await returnCode(id, secret)).toBe(5);
});
