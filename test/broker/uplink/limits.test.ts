import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Backpressure } from "../../../broker/uplink/backpressure.ts";
import { ConnectRateLimiter } from "../../../broker/auth/connect-rate-limit.ts";
import { TokenBucket } from "../../../infra/runtime/token-bucket.ts";
import { InboundQueue } from "../../../broker/mqtt/inbound-queue.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, openRaw, publishPacket } from "../raw-client.ts";

describe("the rate limit", () => {
  it("does not delay a burst, then delays each message", () => {
    const bucket = new TokenBucket({ perSecond: 100, burst: 200 }, 0);
    expect(bucket.take(200, 0)).toBe(0);
    expect(bucket.take(1, 0)).toBe(10);
    expect(bucket.take(100, 10)).toBe(1000);
    expect(bucket.take(0, 1010)).toBe(0);
    expect(bucket.take(200, 10_000)).toBe(0);
    expect(bucket.take(1, 10_000)).toBeGreaterThan(0);
  });
});

describe("the connect rate limit", () => {
  it("refuses the 16th connection in a minute for five minutes, and no other client", () => {
    const limit = new ConnectRateLimiter(15);
    for (let n = 0; n < 15; n++) expect(limit.tryConnect("a", n * 1000)).toBe("accepted");
    expect(limit.tryConnect("a", 15_000)).toBe("blocked");
    expect(limit.tryConnect("b", 15_000)).toBe("accepted");
    expect(limit.tryConnect("a", 15_000 + 299_999)).toBe("still blocked");
    expect(limit.tryConnect("a", 15_000 + 300_000)).toBe("accepted");
  });

  it("allows 15 connections a minute for hours, and does not count those that the server ended", () => {
    const limit = new ConnectRateLimiter(15);
    for (let n = 0; n < 1000; n++) expect(limit.tryConnect("steady", n * 4001)).toBe("accepted");
    for (let n = 0; n < 100; n++) {
      expect(limit.tryConnect("disconnected", n)).toBe("accepted");
      limit.refund("disconnected");
    }
  });
});

describe("backpressure", () => {
  it("resumes each waiter once, and none that was removed", () => {
    const backpressure = new Backpressure();
    const resumed: string[] = [];
    const removed = { resumeReading: () => void resumed.push("removed") };
    backpressure.apply("pending");
    backpressure.apply("journal");
    backpressure.addWaiter({ resumeReading: () => void resumed.push("waiting") });
    backpressure.addWaiter(removed);
    backpressure.removeWaiter(removed);
    backpressure.release("journal");
    expect(backpressure.isActive).toBe(true);
    expect(resumed).toEqual([]);
    backpressure.release("pending");
    backpressure.release("pending");
    expect(resumed).toEqual(["waiting"]);
    expect(backpressure.isActive).toBe(false);
  });
});

describe("limits of a running broker", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({
      maxConnectionsPerAddress: 5,
      deviceRate: { perSecond: 50, burst: 10 },
      maxSubscriptions: 1,
    });
  });
  afterAll(() => platform?.close());

  const join = async (id: string, rateLimit: number | null) => {
    const password = await addDevice(platform.pool, id, rateLimit);
    return await eventually(async () => {
      const { client, returnCode } = await connectRaw(platform.port, { clientId: id, username: id, password });
      return returnCode === 0 && client;
    });
  };

  it("a fast device is slowed to its rate and loses no message; one with rate 0 is not slowed", async () => {
    const free = await join("free", 0);
    const began = performance.now();
    for (let n = 1; n <= 600; n++) free.send(publishPacket("devices/free/gps", "{}", 1, n));
    await eventually(() => free.received.filter(({ cmd }) => cmd === "puback").length === 600);
    free.send({ cmd: "disconnect" });
    await free.closed();
    // A busy machine takes its time; with the limit it would be twelve seconds.
    expect(performance.now() - began).toBeLessThan(6000);
    // The first 60 fit into one run, and the pause follows it.
    const slowed = await join("default", null);
    const from = performance.now();
    for (let n = 1; n <= 60; n++) slowed.send(publishPacket("devices/default/gps", "{}", 1, n));
    await eventually(() => slowed.received.filter(({ cmd }) => cmd === "puback").length === 60);
    slowed.send(publishPacket("devices/default/gps", "{}", 1, 61));
    await eventually(() => slowed.received.filter(({ cmd }) => cmd === "puback").length === 61);
    expect(performance.now() - from).toBeGreaterThan(900);
    slowed.destroy();
  });

  it("one connection more than an address may have is refused, the others stay open", async () => {
    const holder = await join("holder", 0);
    await eventually(() => platform.broker.connections() === 1);
    const others = Array.from({ length: 4 }, () => openRaw(platform.port));
    await eventually(() => platform.broker.connections() === 5);
    await openRaw(platform.port).closed();
    holder.send({ cmd: "pingreq" });
    await holder.next("pingresp");
    for (const client of [holder, ...others]) client.destroy();
    await eventually(() => platform.broker.connections() === 0);
  });

  it("one filter more than the limit is refused, until another is unsubscribed", async () => {
    const client = await join("filters", 0);
    const ask = async (topic: string, messageId: number): Promise<unknown> => {
      client.send({ cmd: "subscribe", messageId, subscriptions: [{ topic, qos: 1 }] });
      return await client.next("suback");
    };
    expect(await ask("devices/filters/cmd", 1)).toMatchObject({ granted: [1] });
    expect(await ask("devices/filters/errors", 2)).toMatchObject({ granted: [0x80] });
    client.send({ cmd: "unsubscribe", messageId: 3, unsubscriptions: ["devices/filters/cmd"] });
    await client.next("unsuback");
    expect(await ask("devices/filters/errors", 4)).toMatchObject({ granted: [1] });
    client.destroy();
  });

  it("500 filters in one SUBSCRIBE or UNSUBSCRIBE are accepted, one more closes the connection", async () => {
    for (const cmd of ["subscribe", "unsubscribe"] as const) {
      const client = await join(`many-${cmd}`, 0);
      const topics = (count: number) => Array.from({ length: count }, (_, n) => `t/${n}`);
      const ask = (count: number) =>
        cmd === "subscribe"
          ? client.send({ cmd, messageId: 1, subscriptions: topics(count).map((topic) => ({ topic, qos: 1 })) })
          : client.send({ cmd, messageId: 1, unsubscriptions: topics(count) });
      ask(500);
      await client.next(cmd === "subscribe" ? "suback" : "unsuback", 10_000);
      ask(501);
      await client.closed(10_000);
    }
  });

  it("each of several SUBSCRIBEs that arrive at once is a run of its own", () => {
    const arrivals = new InboundQueue();
    const bytes = Buffer.alloc(30, Buffer.from([0x82, 8, 0, 0, 0, 0, 0, 0, 0, 0]));
    for (const start of [0, 10, 20])
      arrivals.add({ bytes, start, body: start + 2, end: start + 10, cost: 1 }, undefined, 128);
    for (const start of [0, 10, 20]) {
      expect(arrivals.first).toMatchObject({ start, end: start + 10, packets: 1 });
      arrivals.shift();
    }
    expect(arrivals.first).toBeUndefined();
  });
});
