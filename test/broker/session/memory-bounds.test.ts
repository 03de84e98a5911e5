import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_BROKER_SETTINGS } from "../../../broker/settings.ts";
import { eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, type RawClient } from "../raw-client.ts";

describe("bounds on the memory of ordinary topics", () => {
  let platform: TestPlatform;
  let sender: RawClient;
  let id = 0;

  beforeAll(async () => {
    const memory = {
      retainedTopics: 3,
      retainedBytes: 100,
      sessions: 2,
      sessionExpiryMs: 60_000,
      queuedMessages: 4,
      queuedBytes: 100,
      queuedBytesInAll: 2000,
    };
    platform = await startPlatform({ anonymousLoopback: true, memory });
    ({ client: sender } = await connectRaw(platform.port, { clientId: "sender" }));
  });
  afterAll(() => platform?.close());

  const publish = async (topic: string, payload: string, retain: boolean): Promise<void> => {
    sender.send({ cmd: "publish", topic, payload, qos: 1, messageId: ++id, dup: false, retain });
    await sender.next("puback");
  };
  /** the payloads a client receives before the marker, which is published last */
  const payloadsOf = async (client: RawClient, marker: string): Promise<string[]> => {
    const read = (): string[] =>
      client.received.flatMap((packet) => (packet.cmd === "publish" ? [String(packet.payload)] : []));
    await eventually(() => read().includes(marker));
    return read().filter((payload) => payload !== marker);
  };
  const subscribe = async (client: RawClient, topic: string): Promise<void> => {
    client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 1 }] });
    await client.next("suback");
  };
  const retained = async (clientId: string): Promise<string[]> => {
    const { client } = await connectRaw(platform.port, { clientId });
    await subscribe(client, "kept/#");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await publish("kept/marker", "marker", false);
    const payloads = await payloadsOf(client, "marker");
    client.destroy();
    return payloads.sort((one, other) => one.localeCompare(other));
  };

  it("retained messages stay within their bounds on topics and bytes; a removed one makes room", async () => {
    for (const topic of ["a", "b", "c", "d"]) await publish(`kept/${topic}`, topic, true);
    expect(await retained("r1")).toEqual(["a", "b", "c"]);
    await publish("kept/a", "", true);
    await publish("kept/d", "d", true);
    await publish("kept/b", "b2", true);
    expect(await retained("r2")).toEqual(["b2", "c", "d"]);
    await publish("kept/c", "x".repeat(100), true);
    expect(await retained("r3")).toEqual(["b2", "c", "d"]);
  });

  it("the queue of an absent client stays within its bounds on messages and bytes", async () => {
    const connectAbsent = async (): Promise<RawClient> =>
      (await connectRaw(platform.port, { clientId: "away", clean: false })).client;
    const first = await connectAbsent();
    await subscribe(first, "queue/#");
    first.send({ cmd: "disconnect" });
    await first.closed();
    for (let n = 1; n <= 5; n++) await publish("queue/x", `n${n}`, false);
    const second = await connectAbsent();
    await eventually(() => second.received.filter(({ cmd }) => cmd === "publish").length === 4);
    for (const packet of second.received) {
      if (packet.cmd === "publish") second.send({ cmd: "puback", messageId: packet.messageId! });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    await publish("queue/x", "marker", false);
    expect(await payloadsOf(second, "marker")).toEqual(["n1", "n2", "n3", "n4"]);
    second.destroy();
  });

  it("a persistent session beyond the bound is closed at its SUBSCRIBE", async () => {
    const join = async (clientId: string): Promise<RawClient> =>
      (await connectRaw(platform.port, { clientId, clean: false })).client;
    const second = await join("second");
    await subscribe(second, "x");
    const third = await join("third");
    third.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "x", qos: 1 }] });
    await third.closed();
    second.destroy();
  });
});

describe("session expiry", () => {
  it("ends the session of an absent client, with its subscriptions and queue; a connected client keeps its session", async () => {
    const memory = {
      retainedTopics: 10,
      retainedBytes: 1000,
      sessions: 2,
      sessionExpiryMs: 1_000,
      queuedMessages: 10,
      queuedBytes: 1000,
      queuedBytesInAll: 10_000,
    };
    const platform = await startPlatform({ anonymousLoopback: true, connectsPerMinute: 100_000, memory });
    try {
      const join = async (clientId: string) => {
        const { client } = await connectRaw(platform.port, { clientId, clean: false });
        const { sessionPresent } = client.received[0] as { sessionPresent: boolean };
        return { client, sessionPresent };
      };
      const subscribe = async ({ client }: { client: RawClient }) => {
        client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "t", qos: 1 }] });
        await client.next("suback");
      };
      const [stays, leaves] = [await join("stays"), await join("leaves")];
      await subscribe(stays);
      await subscribe(leaves);
      leaves.client.send({ cmd: "disconnect" });
      await leaves.client.closed();
      stays.client.send({
        cmd: "publish",
        topic: "t",
        payload: "late",
        qos: 1,
        messageId: 9,
        dup: false,
        retain: false,
      });
      await stays.client.next("puback");
      const early = await join("leaves");
      expect(early.sessionPresent).toBe(true);
      await early.client.next("publish");
      early.client.destroy();
      // There is no room for a third session before the one of the absent client has ended.
      await eventually(async () => {
        const third = await join("third");
        const hasRoom = await subscribe(third).then(
          () => true,
          () => false,
        );
        third.client.destroy();
        return hasRoom;
      });
      const back = await join("leaves");
      expect(back.sessionPresent).toBe(false);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(back.client.received.filter(({ cmd }) => cmd === "publish")).toEqual([]);
      back.client.destroy();
      stays.client.destroy();
      expect((await join("stays")).sessionPresent).toBe(true);
    } finally {
      await platform.close();
    }
  });
});

describe("the queues of all sessions together", () => {
  it("stay within their bound on bytes, and have room again after PUBACKs", async () => {
    // A message of ten bytes counts 210: there is room for five.
    const memory = { ...DEFAULT_BROKER_SETTINGS.memory, queuedBytesInAll: 1050 };
    const platform = await startPlatform({ anonymousLoopback: true, memory });
    const ids = ["one", "other"];
    const join = async (clientId: string): Promise<RawClient> =>
      (await connectRaw(platform.port, { clientId, clean: false })).client;
    const { client: sender } = await connectRaw(platform.port, { clientId: "sender" });
    const publishAll = async (...payloads: string[]): Promise<void> => {
      for (const payload of payloads) {
        sender.send({ cmd: "publish", topic: "all/away", payload, qos: 1, messageId: 1, dup: false, retain: false });
        await sender.next("puback");
      }
    };
    /** Both clients connect, acknowledge their messages, `count` in all, and disconnect. */
    const drain = async (count: number): Promise<void> => {
      const clients = await Promise.all(ids.map(join));
      const got = () => clients.flatMap(({ received }) => received.filter(({ cmd }) => cmd === "publish"));
      await eventually(() => got().length >= count, 10_000);
      for (const client of clients) {
        const publishes = client.received.filter(({ cmd }) => cmd === "publish");
        for (const { messageId } of publishes) client.send({ cmd: "puback", messageId: messageId! });
        client.send({ cmd: "pingreq" });
        await client.next("pingresp");
      }
      expect(got()).toHaveLength(count);
      for (const client of clients) client.destroy();
      await eventually(() => platform.broker.connections() === 1, 10_000);
    };
    try {
      for (const client of await Promise.all(ids.map(join))) {
        client.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "all/away", qos: 1 }] });
        await client.next("suback");
        client.destroy();
      }
      await eventually(() => platform.broker.connections() === 1, 10_000);
      for (let round = 0; round < 2; round++) {
        await publishAll("m1", "m2", "m3", "m4");
        await drain(5);
      }
    } finally {
      await platform.close();
    }
  });
});
