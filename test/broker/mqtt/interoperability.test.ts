import { once } from "node:events";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "./packet-grammar.ts";
import { eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, openRaw } from "../raw-client.ts";

/** The ten behaviours that Eclipse Paho's interoperability suite checks for MQTT 3.1.1, in loopback mode. */
describe("interoperability", () => {
  let platform: TestPlatform;
  const open: MqttClient[] = [];

  beforeAll(async () => {
    platform = await startPlatform({ anonymousLoopback: true, deniedSubscriptions: ["test/nosubscribe"] });
  });
  afterAll(() => platform?.close());
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.endAsync(true)));
  });

  interface Listener {
    client: MqttClient;
    messages: Array<{ topic: string; payload: string; qos: number; retain: boolean }>;
  }
  async function join(clientId: string, options: IClientOptions = {}): Promise<Listener> {
    const messages: Listener["messages"] = [];
    const client = await connectAsync(`mqtt://127.0.0.1:${platform.port}`, {
      clientId,
      reconnectPeriod: 0,
      ...options,
    });
    open.push(client);
    client.on("message", (topic, payload, { qos, retain }) =>
      messages.push({ topic, payload: payload.toString(), qos, retain }),
    );
    return { client, messages };
  }

  it("basic: a message at each QoS comes back as it was sent", async () => {
    const { client, messages } = await join("basic");
    await client.subscribeAsync("basic/a", { qos: 2 });
    for (const qos of [0, 1, 2] as const) await client.publishAsync("basic/a", `qos ${qos}`, { qos });
    await eventually(() => messages.length === 3);
    expect(messages.map(({ payload, qos }) => [payload, qos])).toEqual([
      ["qos 0", 0],
      ["qos 1", 1],
      ["qos 2", 2],
    ]);
  });

  it("retained messages: the newest of each topic for a later subscriber, until an empty one clears it", async () => {
    const { client } = await join("retainer");
    for (const qos of [0, 1, 2] as const) await client.publishAsync(`kept/${qos}`, `qos ${qos}`, { qos, retain: true });
    const late = await join("late");
    await late.client.subscribeAsync("+/+", { qos: 2 });
    await eventually(() => late.messages.length === 3);
    expect(late.messages.every(({ retain }) => retain)).toBe(true);
    for (const qos of [0, 1, 2]) await client.publishAsync(`kept/${qos}`, "", { qos: 1, retain: true });
    const later = await join("later");
    await later.client.subscribeAsync("+/+", { qos: 2 });
    await later.client.publishAsync("kept/end", "end", { qos: 1 });
    await eventually(() => later.messages.length > 0);
    expect(later.messages.map(({ payload }) => payload)).toEqual(["end"]);
  });

  it("offline queueing: messages at QoS 1 and 2 are queued for a disconnected session", async () => {
    const away = await join("away", { clean: false });
    await away.client.subscribeAsync("queue/#", { qos: 2 });
    await away.client.endAsync();
    const { client } = await join("queue-sender");
    for (const qos of [1, 2] as const) await client.publishAsync(`queue/${qos}`, `qos ${qos}`, { qos });
    await client.publishAsync("queue/0", "qos 0", { qos: 0 });
    const { client: raw } = await connectRaw(platform.port, { clientId: "away", clean: false });
    const topics = await eventually(() => {
      const got = raw.received.flatMap((packet) => (packet.cmd === "publish" ? [packet.topic] : []));
      return got.length >= 2 ? got : undefined;
    });
    expect(raw.received[0]).toMatchObject({ cmd: "connack", sessionPresent: true });
    expect(topics.sort().slice(-2)).toEqual(["queue/1", "queue/2"]);
    raw.destroy();
  });

  it("keepalive: a silent client is disconnected after 1.5 times its keep alive, and its will is published", async () => {
    const { client, messages } = await join("will-listener");
    await client.subscribeAsync("wills/#", { qos: 2 });
    const { client: silent } = await connectRaw(platform.port, {
      clientId: "silent",
      keepalive: 1,
      will: { topic: "wills/silent", payload: Buffer.from("gone"), qos: 1, retain: false },
    });
    const from = Date.now();
    await silent.closed();
    expect(Date.now() - from).toBeGreaterThan(1300);
    await eventually(() => messages.length === 1);
    expect(messages[0]).toMatchObject({ topic: "wills/silent", payload: "gone" });
  });

  it("redelivery on reconnect: unacknowledged messages are sent again", async () => {
    const first = await connectRaw(platform.port, { clientId: "unsure", clean: false });
    first.client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "again/#", qos: 2 }] });
    await first.client.next("suback");
    const { client } = await join("again-sender");
    await client.publishAsync("again/1", "one", { qos: 1 });
    await client.publishAsync("again/2", "two", { qos: 2 });
    await first.client.next("publish");
    await first.client.next("publish");
    first.client.destroy();
    await once(first.client.socket, "close");
    const second = await connectRaw(platform.port, { clientId: "unsure", clean: false });
    await eventually(() => second.client.received.filter(({ cmd }) => cmd === "publish").length === 2);
    second.client.destroy();
  });

  it("dollar topics: no leading wildcard matches them", async () => {
    const { client, messages } = await join("dollars");
    await client.subscribeAsync(["#", "+/+"], { qos: 2 });
    await client.publishAsync("$TopicA/B", "hidden", { qos: 1 });
    await client.publishAsync("seen/x", "seen", { qos: 1 });
    await eventually(() => messages.length > 0);
    expect(new Set(messages.map(({ topic }) => topic))).toEqual(new Set(["seen/x"]));
  });

  it("unsubscribe: nothing more is delivered for the filter", async () => {
    const { client, messages } = await join("leaver");
    await client.subscribeAsync(["leave/a", "leave/b"], { qos: 2 });
    await client.unsubscribeAsync("leave/a");
    await client.publishAsync("leave/a", "no", { qos: 1 });
    await client.publishAsync("leave/b", "yes", { qos: 1 });
    await eventually(() => messages.length === 1);
    expect(messages.map(({ payload }) => payload)).toEqual(["yes"]);
  });

  it("overlapping subscriptions: the higher QoS, once or once for each", async () => {
    const { client, messages } = await join("overlap");
    await client.subscribeAsync({ "over/#": { qos: 2 }, "over/+": { qos: 1 } });
    await client.publishAsync("over/x", "both", { qos: 2 });
    await eventually(() => messages.length > 0);
    await client.publishAsync("over/x", "marker", { qos: 2 });
    await eventually(() => messages.some(({ payload }) => payload === "marker"));
    const both = messages.filter(({ payload }) => payload === "both").map(({ qos }) => qos);
    expect([[2], [1, 2]]).toContainEqual(both.sort((one, other) => one - other));
  });

  it("subscribe failure: test/nosubscribe is answered with 0x80", async () => {
    const { client } = await connectRaw(platform.port, { clientId: "refused" });
    client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "test/nosubscribe", qos: 2 }] });
    expect(await client.next("suback")).toMatchObject({ granted: [0x80] });
    client.destroy();
  });

  it("a filter named twice in one SUBSCRIBE has two return codes, no higher than asked for [MQTT-3.9.3-1]", async () => {
    const { client } = await connectRaw(platform.port, { clientId: "twice" });
    const ask = async (messageId: number, wanted: Array<[string, 0 | 1 | 2]>) => {
      const subscriptions = wanted.map(([topic, qos]) => ({ topic, qos }));
      client.send({ cmd: "subscribe", messageId, subscriptions });
      return ((await client.next("suback")) as unknown as { messageId: number; granted: number[] }).granted;
    };
    expect(
      await ask(1, [
        ["a", 1],
        ["b", 2],
        ["a", 2],
      ]),
    ).toEqual([1, 2, 2]);
    expect(
      await ask(2, [
        ["c", 2],
        ["c", 0],
        ["test/nosubscribe", 1],
        ["test/nosubscribe", 1],
      ]),
    ).toEqual([0, 0, 0x80, 0x80]);
    expect(
      await ask(3, [
        ["d", 1],
        ["e", 0],
      ]),
    ).toEqual([1, 0]);
    const many = Array.from({ length: 200 }, (_, n): [string, 0 | 1 | 2] => [`f${n % 3}`, 1]);
    expect(await ask(4, many)).toEqual(many.map(() => 1));
    client.send({ cmd: "pingreq" });
    await client.next("pingresp");
    client.destroy();
  });

  it("zero-length client id: only with a clean session", async () => {
    const clean = await connectRaw(platform.port, { clientId: "", clean: true });
    expect(clean.returnCode).toBe(0);
    const kept = openRaw(platform.port);
    kept.send(bytesOf("10 r12 s4 'MQTT' 04 00 k10 s0"));
    expect(await kept.next("connack")).toMatchObject({ returnCode: 2 });
    await kept.closed();
    clean.client.destroy();
  });
});
