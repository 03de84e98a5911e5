import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, type RawClient } from "../raw-client.ts";

describe("messages to devices", () => {
  let platform: TestPlatform;
  let password: string;

  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 });
    password = await addDevice(platform.pool, "scale-1");
  });
  afterAll(() => platform?.close());

  const join = (options: { will?: boolean } = {}): Promise<RawClient> =>
    eventually(async () => {
      const will = {
        topic: "devices/scale-1/status",
        payload: Buffer.from('{"state":"offline"}'),
        qos: 1 as const,
        retain: false,
      };
      const who = { clientId: "scale-1", username: "scale-1", password, ...(options.will ? { will } : {}) };
      const { client, returnCode } = await connectRaw(platform.port, who);
      return returnCode === 0 && client;
    });
  const subscribe = async (client: RawClient): Promise<void> => {
    client.send({
      cmd: "subscribe",
      messageId: 1,
      subscriptions: [
        { topic: "devices/scale-1/cmd", qos: 1 },
        { topic: "devices/scale-1/errors", qos: 1 },
      ],
    });
    expect(await client.next("suback")).toMatchObject({ granted: [1, 1] });
  };
  const put = async (channel: string, payload: unknown, expiresIn = "1 hour"): Promise<void> => {
    await platform.pool.query(
      "INSERT INTO device_messages (device_id, channel, payload, expires_at) VALUES ('scale-1', $1, $2, now() + $3::interval)",
      [channel, JSON.stringify(payload), expiresIn],
    );
    await platform.pool.query("SELECT pg_notify('device_messages', 'scale-1')");
  };
  const waiting = async (): Promise<number> =>
    (await platform.pool.query("SELECT FROM device_messages WHERE delivered_at IS NULL AND expires_at > now()"))
      .rowCount ?? 0;

  it("reach a connected device in order, one at a time, not retained, and are marked when acknowledged", async () => {
    const client = await join();
    await subscribe(client);
    await put("cmd", { n: 1 });
    await put("errors", { n: 2 });
    const first = await client.next("publish");
    expect(first).toMatchObject({ topic: "devices/scale-1/cmd", qos: 1, retain: false });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(client.received.filter(({ cmd }) => cmd === "publish")).toHaveLength(1);
    expect(await waiting()).toBe(2);
    client.send({ cmd: "puback", messageId: first.messageId! });
    const second = await client.next("publish");
    expect(second).toMatchObject({ topic: "devices/scale-1/errors" });
    client.send({ cmd: "puback", messageId: second.messageId! });
    await eventually(async () => (await waiting()) === 0);
    await platform.pool.query("UPDATE device_messages SET acknowledged_at = now()");
    client.destroy();
  });

  it("are not marked by a PUBACK of another message", async () => {
    const client = await join();
    await subscribe(client);
    await put("errors", { n: 1 });
    const { messageId } = await client.next("publish");
    client.send({ cmd: "puback", messageId: messageId! + 1 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await waiting()).toBe(1);
    client.send({ cmd: "puback", messageId: messageId! });
    await eventually(async () => (await waiting()) === 0);
    client.destroy();
  });

  it("wait for a disconnected device unless they expire; an unacknowledged one is sent again", async () => {
    await put("cmd", { n: "too late" }, "-1 second");
    await put("errors", { n: 3 });
    const forgetful = await join();
    await subscribe(forgetful);
    expect(String(((await forgetful.next("publish")) as { payload: Buffer }).payload)).toBe('{"n":3}');
    forgetful.destroy();
    const client = await join();
    await subscribe(client);
    const again = (await client.next("publish")) as { payload: Buffer; messageId: number };
    expect(String(again.payload)).toBe('{"n":3}');
    client.send({ cmd: "puback", messageId: again.messageId });
    await eventually(async () => (await waiting()) === 0);
    client.destroy();
  });

  it("a will on its status topic is journalled when the connection breaks, not when a newer one takes over", async () => {
    const wills = async (): Promise<number> =>
      (await platform.journalled()).filter(({ topic }) => topic === "devices/scale-1/status").length;
    const first = await join({ will: true });
    const second = await join({ will: true });
    await first.closed();
    second.send({ cmd: "pingreq" });
    await second.next("pingresp");
    expect(await wills()).toBe(0);
    second.destroy();
    await eventually(async () => (await wills()) === 1);
    const polite = await join({ will: true });
    polite.send({ cmd: "disconnect" });
    await polite.closed();
    expect(await wills()).toBe(1);
  });

  it("a will on a topic it may not publish to is refused at CONNECT", async () => {
    const will = { topic: "devices/other/status", payload: Buffer.from("x"), qos: 1 as const, retain: true };
    const { client, returnCode } = await connectRaw(platform.port, {
      clientId: "scale-1",
      username: "scale-1",
      password,
      will,
    });
    expect(returnCode).toBe(5);
    await client.closed();
  });
});
