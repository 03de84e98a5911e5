import { once } from "node:events";
import type { IConnackPacket, IPublishPacket } from "mqtt-packet";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket, connectRaw, openRaw, publishPacket, type RawClient } from "../raw-client.ts";

/** Rules for sessions that Aedes 1.2.0 and its memory persistence leave out. */
describe("sessions", () => {
  let platform: TestPlatform;
  let publisher: RawClient;

  beforeAll(async () => {
    platform = await startPlatform({ anonymousLoopback: true, deniedSubscriptions: ["test/nosubscribe"] });
    ({ client: publisher } = await connectRaw(platform.port, { clientId: "publisher" }));
  });
  afterAll(async () => {
    publisher?.destroy();
    await platform?.close();
  });

  async function publish(topic: string, payload: string, flags: { retain?: boolean } = {}): Promise<void> {
    publisher.send({ cmd: "publish", topic, payload, qos: 1, messageId: 7, dup: false, retain: false, ...flags });
    await publisher.next("puback");
  }

  /** Connects and subscribes (at QoS 2). `sessionPresent`: there was a session already. */
  async function join(clientId: string, clean: boolean, ...filters: string[]) {
    const { client } = await connectRaw(platform.port, { clientId, clean });
    const { sessionPresent } = client.received[0] as IConnackPacket;
    let granted: unknown;
    if (filters.length > 0) {
      const subscriptions = filters.map((topic) => ({ topic, qos: 2 as const }));
      client.send({ cmd: "subscribe", messageId: 1, subscriptions });
      ({ granted } = (await client.next("suback")) as unknown as { granted: unknown });
    }
    return { client, sessionPresent, granted };
  }

  async function leave({ client }: { client: RawClient }): Promise<void> {
    const before = platform.broker.connections();
    client.destroy();
    await eventually(() => platform.broker.connections() < before, 10_000);
  }

  const contentsOf = ({ client }: { client: RawClient }): string[] =>
    client.received
      .filter((packet): packet is IPublishPacket => packet.cmd === "publish")
      .map(({ topic, payload }) => `${topic} ${String(payload)}`);

  /** Queued messages need not come before those that are published meanwhile. */
  const comes = (joined: { client: RawClient }, ...expected: string[]) =>
    eventually(() => expected.every((content) => contentsOf(joined).includes(content)), 10_000);

  /** All that the client has received before a last message, to which it is subscribed as well. */
  async function contents(joined: { client: RawClient }): Promise<string[]> {
    await publish("last/word", "end");
    await eventually(() => contentsOf(joined).includes("last/word end"), 10_000);
    return contentsOf(joined).filter((content) => content !== "last/word end");
  }

  it("a session without subscriptions is kept too, until a clean one ends it [MQTT-3.2.2-2] [MQTT-3.1.2-6]", async () => {
    const seen: boolean[] = [];
    for (const clean of [false, false, true, false]) {
      const joined = await join("empty", clean);
      seen.push(joined.sessionPresent);
      await leave(joined);
    }
    expect(seen).toEqual([false, true, false, false]);
    const held = await join("held", false);
    expect((await join("held", false)).sessionPresent).toBe(true);
    await held.client.closed(10_000);
  });

  it("an empty topic level is a level for live, retained and queued messages (section 4.7.1.3)", async () => {
    const topics = ["/empty", "empty//x", "empty/"];
    for (const topic of topics) await publish(topic, "kept", { retain: true });
    const first = await join("levels", false, "/+", "empty/+/x", "empty/+", "last/word");
    for (const topic of topics) await publish(topic, "live");
    expect((await contents(first)).sort()).toEqual(
      topics.flatMap((topic) => [`${topic} kept`, `${topic} live`]).sort(),
    );
    await leave(first);
    for (const topic of topics) await publish(topic, "queued");
    const second = await join("levels", false);
    await comes(second, ...topics.map((topic) => `${topic} queued`));
    second.client.send({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["empty/+"] });
    await second.client.next("unsuback");
    await leave(second);
    const third = await join("levels", false);
    await publish("empty/", "after");
    expect(await contents(third)).not.toContain("empty/ after");
    await leave(third);
  });

  it("a leading wildcard matches no topic with $, retained or queued [MQTT-4.7.2-1]", async () => {
    await publish("$own/x", "kept", { retain: true });
    const first = await join("dollar", false, "#", "+/x");
    await publish("$own/x", "live");
    const ofDollar = async (joined: { client: RawClient }): Promise<string[]> =>
      (await contents(joined)).filter((content) => content.startsWith("$"));
    expect(await ofDollar(first)).toEqual([]);
    await leave(first);
    await publish("$own/x", "queued");
    const second = await join("dollar", false);
    expect(await ofDollar(second)).toEqual([]);
    await leave(second);
    const own = await join("dollar-own", true, "$own/#", "last/word");
    expect(await contents(own)).toEqual(["$own/x kept"]);
    await leave(own);
  });

  it("a filter that was refused within a SUBSCRIBE delivers nothing later either", async () => {
    const first = await join("partly", false, "last/word", "test/nosubscribe");
    expect(first.granted).toEqual([2, 0x80]);
    await leave(first);
    await publish("test/nosubscribe", "queued");
    const second = await join("partly", false);
    expect(await contents(second)).toEqual([]);
    await leave(second);
  });

  it("a message that several filters match is queued once", async () => {
    const first = await join("several", false, "several/+", "several/#", "several/x", "last/word");
    await leave(first);
    await publish("several/x", "queued");
    const second = await join("several", false);
    await comes(second, "several/x queued");
    expect(await contents(second)).toEqual(["several/x queued"]);
    await leave(second);
  });

  it("a retained message at QoS 2 is delivered with PUBREL and PUBCOMP", async () => {
    publisher.send({ cmd: "publish", topic: "twice/x", payload: "x", qos: 2, messageId: 8, dup: false, retain: true });
    await publisher.next("pubrec");
    publisher.send({ cmd: "pubrel", messageId: 8 });
    await publisher.next("pubcomp");
    const { client } = await join("retained-twice", false, "twice/#");
    const { messageId } = (await client.next("publish")) as IPublishPacket;
    client.send({ cmd: "pubrec", messageId: messageId! });
    expect(await client.next("pubrel")).toMatchObject({ messageId });
    client.send({ cmd: "pubcomp", messageId: messageId! });
    client.send({ cmd: "pingreq" });
    await client.next("pingresp");
    client.destroy();
  });

  it("100 QoS 2 messages of one session may wait for their PUBREL, over all its connections", async () => {
    const first = await join("half-open", false);
    const send = (id: number) => publishPacket("half/open", "x", 2, id);
    for (let id = 1; id <= 100; id++) first.client.send(send(id));
    await eventually(() => first.client.received.filter(({ cmd }) => cmd === "pubrec").length === 100, 10_000);
    await leave(first);
    const { client: again } = await join("half-open", false);
    again.send(send(100));
    await again.next("pubrec");
    again.send({ cmd: "pubrel", messageId: 100 });
    await again.next("pubcomp");
    again.send(send(101));
    await again.next("pubrec");
    again.send(send(102));
    await again.closed(10_000);
  });

  it("packets after a DISCONNECT are ignored [MQTT-3.14.4-2]", async () => {
    const watcher = await join("watcher", true, "bye/#", "last/word");
    const leaver = openRaw(platform.port);
    await once(leaver.socket, "connect");
    const packets = [publishPacket("bye/x", "before", 0), generate({ cmd: "disconnect" })];
    leaver.send(Buffer.concat([connectPacket({ clientId: "bye" }), ...packets, publishPacket("bye/x", "after", 0)]));
    await leaver.closed(10_000);
    await eventually(() => contentsOf(watcher).length > 0, 10_000);
    expect(await contents(watcher)).toEqual(["bye/x before"]);
    watcher.client.destroy();
  });

  it("packets that are sent before the CONNACK are handled after it [MQTT-3.1.4-5]", async () => {
    for (let n = 0; n < 20; n++) {
      const early = openRaw(platform.port);
      await once(early.socket, "connect");
      early.send(connectPacket({ clientId: `early-${n}` }));
      // Not at once: the CONNECT has been read, but not answered.
      for (let turn = 0; turn < n % 4; turn++) await new Promise((resolve) => setImmediate(resolve));
      for (const messageId of [1, 2, 3]) {
        early.send({ cmd: "subscribe", messageId, subscriptions: [{ topic: `early/${messageId}`, qos: 1 }] });
        early.send(publishPacket("early/x", "x", 1, messageId + 10));
      }
      await eventually(() => early.received.length === 7, 10_000);
      expect(early.received[0]).toMatchObject({ cmd: "connack", returnCode: 0 });
      const of = (cmd: "suback" | "puback") => early.received.filter((packet) => packet.cmd === cmd);
      expect(of("suback")).toMatchObject([1, 2, 3].map((messageId) => ({ messageId, granted: [1] })));
      expect(of("puback")).toMatchObject([11, 12, 13].map((messageId) => ({ messageId })));
      early.destroy();
    }
  });
});
