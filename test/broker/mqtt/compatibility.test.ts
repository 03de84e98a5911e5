import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, type Introduction, publishPacket } from "../raw-client.ts";

describe("firmware of other platforms works unchanged", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 });
  });
  afterAll(() => platform?.close());

  const add = (id: string, decoder: string) => addDevice(platform.pool, id, 0, decoder);
  const join = (who: Introduction) =>
    eventually(async () => {
      const { client, returnCode } = await connectRaw(platform.port, who);
      return returnCode === 0 && client;
    });

  /** Publishes at QoS 1 and 2. @returns under which device the journal has it */
  async function journalledAs(who: Introduction, topic: string): Promise<string[]> {
    const client = await join(who);
    client.send(publishPacket(topic, "payload", 1, 1));
    await client.next("puback");
    client.send(publishPacket(topic, "payload", 2, 2));
    await client.next("pubrec");
    client.send({ cmd: "pubrel", messageId: 2 });
    await client.next("pubcomp");
    client.destroy();
    return (await platform.journalled()).flatMap((message) => (message.topic === topic ? [message.clientId] : []));
  }

  it("ThingsBoard: the secret is the user name, any client id is accepted, and no other device is taken over", async () => {
    const secret = await add("meter-1", "thingsboard");
    const topic = "v1/devices/me/telemetry";
    expect(await journalledAs({ clientId: "any thing", username: secret }, topic)).toEqual(["meter-1", "meter-1"]);
    const gateSecret = await add("gate-1", "native");
    const gate = await join({ clientId: "gate-1", username: "gate-1", password: gateSecret });
    (await join({ clientId: "gate-1", username: secret })).destroy();
    gate.send({ cmd: "pingreq" });
    await gate.next("pingresp");
    gate.destroy();
    const { returnCode } = await connectRaw(platform.port, { clientId: "gate-1", username: gateSecret });
    expect(returnCode).toBe(4);
    const meter = await join({ clientId: "x", username: secret });
    await platform.pool.query("UPDATE devices SET state = 'suspended' WHERE id = 'meter-1'");
    await meter.closed(1000);
  });

  it("ThingsBoard: a device that was just added is accepted", async () => {
    // No notification is sent: the broker has to query Postgres.
    await platform.pool.query("ALTER TABLE devices DISABLE TRIGGER USER");
    await platform.pool.query("ALTER TABLE device_credentials DISABLE TRIGGER USER");
    try {
      const secret = await add("meter-2", "thingsboard");
      const { client, returnCode } = await connectRaw(platform.port, { clientId: "any", username: secret });
      expect(returnCode).toBe(0);
      client.destroy();
    } finally {
      await platform.pool.query("ALTER TABLE devices ENABLE TRIGGER USER");
      await platform.pool.query("ALTER TABLE device_credentials ENABLE TRIGGER USER");
    }
    expect((await connectRaw(platform.port, { clientId: "any", username: "x".repeat(43) })).returnCode).toBe(4);
  });

  it("OwnTracks: the message belongs to the device in the topic", async () => {
    const password = await add("phone-1", "owntracks");
    const who = { clientId: "phone-1", username: "phone-1", password };
    expect(await journalledAs(who, "owntracks/driver/phone-1")).toEqual(["phone-1", "phone-1"]);
    const client = await join(who);
    client.send(publishPacket("owntracks/driver/phone-2", "{}", 1, 1));
    await client.closed();
  });

  it("Sparkplug: an edge node publishes for itself and the devices behind it, and NDEATH is its will", async () => {
    const password = await add("edge-1", "sparkplug-b");
    const will = { topic: "spBv1.0/plant/NDEATH/edge-1", payload: Buffer.from("gone"), qos: 1 as const, retain: false };
    const who = { clientId: "edge-1", username: "edge-1", password, will };
    expect(await journalledAs(who, "spBv1.0/plant/NBIRTH/edge-1")).toEqual(["edge-1", "edge-1"]);
    expect(await journalledAs(who, "spBv1.0/plant/DDATA/edge-1/probe")).toEqual(["edge-1", "edge-1"]);
    await eventually(async () => (await platform.journalled()).some(({ topic }) => topic === will.topic));
    const foreign = { ...who, will: { ...will, topic: "spBv1.0/plant/NDEATH/edge-2" } };
    expect((await connectRaw(platform.port, foreign)).returnCode).toBe(5);
    const client = await join(who);
    client.send({
      cmd: "subscribe",
      messageId: 1,
      subscriptions: ["NCMD/edge-1", "DCMD/edge-1/#", "NCMD/edge-2"].map((rest) => ({
        topic: `spBv1.0/plant/${rest}`,
        qos: 1 as const,
      })),
    });
    expect(await client.next("suback")).toMatchObject({ granted: [1, 1, 0x80] });
    client.destroy();
  });

  it("a device with another decoder may not use these topics", async () => {
    const password = await add("plain-1", "native");
    for (const topic of ["v1/devices/me/telemetry", "owntracks/a/plain-1", "spBv1.0/g/NDATA/plain-1"]) {
      const client = await join({ clientId: "plain-1", username: "plain-1", password });
      client.send(publishPacket(topic, "{}", 1, 1));
      await client.closed();
    }
  });
});
