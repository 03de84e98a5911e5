import { once } from "node:events";
import { generate, type IPublishPacket, type Packet } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "../mqtt/packet-grammar.ts";
import { eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, openRaw, type RawClient } from "../raw-client.ts";

/** Rules for the delivery of messages that Aedes 1.2.0 leaves out. */
describe("delivery to a subscriber", () => {
  let platform: TestPlatform;
  let publisher: RawClient;

  beforeAll(async () => {
    platform = await startPlatform({ anonymousLoopback: true });
    ({ client: publisher } = await connectRaw(platform.port, { clientId: "publisher" }));
  });
  afterAll(async () => {
    publisher?.destroy();
    await platform?.close();
  });

  async function subscriber(
    clientId: string,
    filters: Record<string, 0 | 1 | 2>,
    clean = true,
  ): Promise<{ client: RawClient; publishes: () => IPublishPacket[] }> {
    const { client } = await connectRaw(platform.port, { clientId, clean });
    const subscriptions = Object.entries(filters).map(([topic, qos]) => ({ topic, qos }));
    if (subscriptions.length > 0) {
      client.send({ cmd: "subscribe", messageId: 1, subscriptions });
      await client.next("suback");
    }
    return { client, publishes: () => client.received.filter((packet) => isPublish(packet)) };
  }
  const isPublish = (packet: Packet): packet is IPublishPacket => packet.cmd === "publish";

  const byTopic = ([one]: unknown[], [other]: unknown[]): number => String(one).localeCompare(String(other));

  async function publish(topic: string, qos: 1 | 2, flags: { retain?: boolean; dup?: boolean } = {}): Promise<void> {
    publisher.send({ cmd: "publish", topic, payload: topic, qos, messageId: 7, dup: false, retain: false, ...flags });
    if (qos === 1) await publisher.next("puback");
    else {
      await publisher.next("pubrec");
      publisher.send({ cmd: "pubrel", messageId: 7 });
      await publisher.next("pubcomp");
    }
  }

  it("a wildcard subscription lowers the QoS to the granted one, of retained messages too [MQTT-3.8.4-6]", async () => {
    await publish("lower/kept", 2, { retain: true });
    const { client, publishes } = await subscriber("lower", { "lower/#": 1, "zero/+": 0 });
    await publish("lower/x", 2);
    await publish("zero/x", 2);
    await eventually(() => publishes().length === 3);
    const seen = publishes().map(({ topic, qos, retain }) => [topic, qos, retain]);
    expect(seen.sort(byTopic)).toEqual([
      ["lower/kept", 1, true],
      ["lower/x", 1, false],
      ["zero/x", 0, false],
    ]);
    client.destroy();
  });

  it.each([
    [0, 1],
    [1, 0],
    [0, 2],
    [2, 1],
  ] as const)("the highest QoS of the matching subscriptions applies: %i and %i [MQTT-3.3.5-1]", async (one, other) => {
    const topic = `best/${one}${other}`;
    const { client, publishes } = await subscriber(topic, { [topic]: one, "best/#": other });
    await publish(topic, 2);
    await eventually(() => publishes().length > 0, 10_000);
    expect(publishes()).toMatchObject([{ qos: Math.max(one, other) }]);
    client.destroy();
  });

  it("a message that is retained first is neither overtaken nor lost [MQTT-4.6.0-6]", async () => {
    const { client, publishes } = await subscriber("overtaken", { "turn/x": 2 });
    const packet = (payload: string, qos: 0 | 2, retain: boolean, messageId: number) =>
      generate({ cmd: "publish", topic: "turn/x", payload, qos, messageId, dup: false, retain });
    publisher.send(Buffer.concat([packet("a", 0, true, 0), packet("b", 0, false, 0)]));
    publisher.send(Buffer.concat([packet("c", 2, true, 11), packet("d", 2, false, 12)]));
    await eventually(() => publishes().some(({ payload }) => String(payload) === "d"), 10_000);
    expect(publishes().map(({ payload }) => String(payload))).toEqual(["a", "b", "c", "d"]);
    for (const messageId of [11, 12]) publisher.send({ cmd: "pubrel", messageId });
    client.destroy();
  });

  it("a sender's DUP is not passed on [MQTT-3.3.1-3]", async () => {
    const { client, publishes } = await subscriber("dup", { "dup/+": 0 });
    await publish("dup/x", 1, { dup: true });
    await eventually(() => publishes().length > 0);
    expect(publishes()[0]).toMatchObject({ qos: 0, dup: false });
    client.destroy();
  });

  it("after a reconnection a message keeps its packet id and has DUP; new ones have new ids and no RETAIN", async () => {
    const first = await subscriber("again", { "again/#": 1 }, false);
    for (const n of [1, 2, 3]) await publish(`again/${n}`, 1);
    await eventually(() => first.publishes().length === 3);
    first.client.destroy();
    await once(first.client.socket, "close");
    await publish("again/4", 1, { retain: true });
    const second = await subscriber("again", {}, false);
    await publish("again/5", 1);
    await eventually(() => second.publishes().length === 5);
    const seen = second.publishes().map(({ topic, dup, retain }) => [topic, dup, retain]);
    expect(seen.sort(byTopic)).toEqual([
      ["again/1", true, false],
      ["again/2", true, false],
      ["again/3", true, false],
      ["again/4", false, false],
      ["again/5", false, false],
    ]);
    const ids = (publishes: IPublishPacket[]) => publishes.map(({ messageId }) => messageId);
    expect(ids(second.publishes().filter(({ dup }) => dup))).toEqual(ids(first.publishes()));
    expect(new Set(ids(second.publishes())).size).toBe(5);
    second.client.destroy();
  });

  describe("an acknowledgement that does not fit closes the connection [MQTT-4.8.0-1]", () => {
    const wrong: Array<[string, 1 | 2, Array<"puback" | "pubrec" | "pubcomp">]> = [
      ["PUBREC for QoS 1", 1, ["pubrec"]],
      ["PUBCOMP for QoS 1", 1, ["pubcomp"]],
      ["PUBACK for QoS 2", 2, ["puback"]],
      ["PUBCOMP before PUBREC", 2, ["pubcomp"]],
      ["PUBACK after PUBREC", 2, ["pubrec", "puback"]],
    ];
    it.each(wrong)("%s", async (title, qos, answers) => {
      const { client } = await subscriber(title, { [`inflight/${title}`]: 2 });
      await publish(`inflight/${title}`, qos);
      const { messageId } = (await client.next("publish")) as IPublishPacket;
      for (const cmd of answers) client.send({ cmd, messageId: messageId! });
      await client.closed(10_000);
    });

    it("a second PUBREC, and acknowledgements of finished messages, are allowed", async () => {
      const { client } = await subscriber("twice", { "inflight/twice": 2 });
      await publish("inflight/twice", 2);
      const { messageId } = (await client.next("publish")) as IPublishPacket;
      for (const cmd of ["pubrec", "pubrec"] as const) {
        client.send({ cmd, messageId: messageId! });
        expect(await client.next("pubrel")).toMatchObject({ messageId });
      }
      for (const cmd of ["pubcomp", "pubcomp", "puback"] as const) client.send({ cmd, messageId: messageId! });
      client.send({ cmd: "pingreq" });
      await client.next("pingresp");
      client.destroy();
    });
  });

  it("a CONNECT whose will an anonymous client may not publish is refused", async () => {
    const payload = Buffer.from("{}");
    for (const topic of ["devices/somebody/status", "$SYS/x"]) {
      const will = { topic, payload, qos: 1 as const, retain: false };
      expect((await connectRaw(platform.port, { clientId: "testator", will })).returnCode).toBe(5);
    }
  });

  it("reserved header flags of a CONNECT close the connection without a CONNACK, at any protocol level [MQTT-2.2.2-2]", async () => {
    const client = openRaw(platform.port);
    client.send(bytesOf("1F r13 s4 'MQTT' 05 02 k10 s1 'p'"));
    await client.closed(10_000);
    expect(client.received).toEqual([]);
  });
});
