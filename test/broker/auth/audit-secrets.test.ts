import { afterAll, beforeAll, expect, test } from "vitest";
import { addDevice, eventually, sha256, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw } from "../raw-client.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ webSocket: { host: "127.0.0.1", port: 0, tls: false } });
});
afterAll(() => platform?.close());

interface Row {
  actor: string;
  action: string;
  subject: string;
}

async function audited(condition: string, count: number): Promise<Row[]> {
  return eventually(async () => {
    const { rows } = await platform.pool.query<Row>(
      `SELECT actor, action, subject FROM audit WHERE ${condition} ORDER BY id`,
    );
    return rows.length >= count && rows;
  });
}

async function refused(clientId: string, username: string, password?: string): Promise<void> {
  const { client, returnCode } = await connectRaw(platform.port, {
    clientId,
    username,
    ...(password !== undefined && { password }),
  });
  client.destroy();
  expect(returnCode).toBeGreaterThan(0);
}

const shortHash = (text: string): string => `#${sha256(text).toString("hex").slice(0, 8)}`;

test("a device that sends its secret as user name stands in the audit by its id, an unknown one by a short hash", async () => {
  const secret = await addDevice(platform.pool, "meter-1", 0, "thingsboard");
  await eventually(async () => {
    const { client, returnCode } = await connectRaw(platform.port, { clientId: "any", username: secret });
    client.destroy();
    return returnCode === 0;
  });
  await platform.pool.query("UPDATE devices SET state = 'suspended' WHERE id = 'meter-1'");
  await eventually(async () => {
    const { client, returnCode } = await connectRaw(platform.port, { clientId: "any", username: secret });
    client.destroy();
    return returnCode === 5;
  });
  const known = await audited("actor = 'meter-1' AND action = 'mqtt.connect'", 1);
  expect(known[0]).toMatchObject({ subject: "meter-1" });

  const unknown = "Zk3v-8sQ0aYB2dLr_TnUe5WxHc7JpM9fGi1oKbNqRtE";
  await refused("thermometer", unknown);
  await refused(unknown, unknown, unknown);
  const rows = await audited(`actor = '${shortHash(unknown)}'`, 2);
  expect(rows.map(({ subject }) => subject).sort()).toEqual([shortHash(unknown), "thermometer"].sort());
});

test("neither a wrong name, nor credentials of HTTP, nor a topic bring a secret into the audit or an answer", async () => {
  const secret = await addDevice(platform.pool, "meter-2", 0, "thingsboard");
  const other = await addDevice(platform.pool, "phone-1", 0, "osmand");
  await eventually(async () => {
    const { client, returnCode } = await connectRaw(platform.port, {
      clientId: "phone-1",
      username: "phone-1",
      password: other,
    });
    client.destroy();
    return returnCode === 0;
  });
  await refused("phone-1", other, "phone-1"); // user name and password exchanged
  await refused(other, "phone-1", "wrong"); // the secret as client id
  const url = `http://127.0.0.1:${platform.broker.wsPort}/ingest`;
  const as = (user: string, password: string) => ({
    headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` },
  });
  for (const answer of [
    await fetch(`${url}/osmand?id=phone-1`, as(other, "phone-1")),
    await fetch(`${url}/osmand?id=${other}`, as("phone-1", other)),
    await fetch(`${url}/${secret}?id=x`, as(secret, secret)),
    await fetch(`${url}/osmand?id=${secret}`),
  ]) {
    expect(answer.ok).toBe(false);
    const text = await answer.text();
    for (const each of [secret, other]) expect(text).not.toContain(each);
  }
  const { client } = await connectRaw(platform.port, { clientId: "phone-1", username: "phone-1", password: other });
  client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: `a/${secret}`, qos: 0 }] });
  await client.next("suback");
  client.destroy();
  await audited("action = 'mqtt.subscribe'", 1);
  const { rows } = await platform.pool.query<{ text: string }>("SELECT to_jsonb(audit)::text AS text FROM audit");
  expect(rows.length).toBeGreaterThan(4);
  for (const { text } of rows) for (const each of [secret, other]) expect(text).not.toContain(each);
});
