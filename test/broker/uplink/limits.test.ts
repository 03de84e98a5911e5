import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Backpressure } from "../../../broker/uplink/backpressure.ts";
import { ConnectRateLimiter } from "../../../broker/auth/connect-rate-limit.ts";
import { Meter } from "../../../broker/uplink/rate-limiter.ts";
import { InboundQueue } from "../../../broker/mqtt/inbound-queue.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, openRaw, publishPacket } from "../raw-client.ts";

describe("a rate is kept by waiting", () => {
  it("the burst is free, then each message costs its time", () => {
    const meter = new Meter({ perSecond: 100, burst: 200 }, 0);
    expect(meter.take(200, 0)).toBe(0);
    expect(meter.take(1, 0)).toBe(10);
    expect(meter.take(100, 10)).toBe(1000);
    expect(meter.take(0, 1010)).toBe(0);
    expect(meter.take(200, 10_000)).toBe(0);
    expect(meter.take(1, 10_000)).toBeGreaterThan(0);
  });
});

describe("flapping", () => {
  it("the 16th connection in a minute is refused for five minutes, others are not touched", () => {
    const limit = new ConnectRateLimiter(15);
    for (let n = 0; n < 15; n++) expect(limit.tryConnect("a", n * 1000)).toBe(true);
    expect(limit.tryConnect("a", 15_000)).toBe(false);
    expect(limit.tryConnect("b", 15_000)).toBe(true);
    expect(limit.tryConnect("a", 15_000 + 299_999)).toBe(false);
    expect(limit.tryConnect("a", 15_000 + 300_000)).toBe(true);
  });

  it("15 a minute for hours are no flapping, and what the server ended does not count", () => {
    const limit = new ConnectRateLimiter(15);
    for (let n = 0; n < 1000; n++) expect(limit.tryConnect("steady", n * 4001)).toBe(true);
    for (let n = 0; n < 100; n++) {
      expect(limit.tryConnect("cut", n)).toBe(true);
      limit.refund("cut");
    }
  });
});

describe("the gate", () => {
  it("wakes who waits once, and not who has left", () => {
    const gate = new Backpressure();
    const woken: string[] = [];
    const leaving = { resumeReading: () => void woken.push("left") };
    gate.apply("pending");
    gate.apply("journal");
    gate.addWaiter({ resumeReading: () => void woken.push("stayed") });
    gate.addWaiter(leaving);
    gate.removeWaiter(leaving);
    gate.release("journal");
    expect(gate.isActive).toBe(true);
    expect(woken).toEqual([]);
    gate.release("pending");
    gate.release("pending");
    expect(woken).toEqual(["stayed"]);
    expect(gate.isActive).toBe(false);
  });
});

describe("limits at work", () => {
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

  it("a fast device is slowed to its rate and loses nothing; one with rate 0 is not", async () => {
    const timeOf = async (id: string, rateLimit: number | null): Promise<number> => {
      const client = await join(id, rateLimit);
      const from = performance.now();
      for (let n = 1; n <= 60; n++) client.send(publishPacket(`devices/${id}/gps`, "{}", 1, n));
      await eventually(() => client.received.filter(({ cmd }) => cmd === "puback").length === 60);
      client.send({ cmd: "disconnect" });
      await client.closed();
      return performance.now() - from;
    };
    // All at once fit into one run: the pause comes after it.
    expect(await timeOf("free", 0)).toBeLessThan(500);
    const slowed = await join("default", null);
    const from = performance.now();
    for (let n = 1; n <= 60; n++) slowed.send(publishPacket("devices/default/gps", "{}", 1, n));
    await eventually(() => slowed.received.filter(({ cmd }) => cmd === "puback").length === 60);
    slowed.send(publishPacket("devices/default/gps", "{}", 1, 61));
    await eventually(() => slowed.received.filter(({ cmd }) => cmd === "puback").length === 61);
    expect(performance.now() - from).toBeGreaterThan(900);
    slowed.destroy();
  });

  it("one connection more than the cap of an address is refused, the others live on", async () => {
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

  it("one filter more than the bound is refused, until one is given back", async () => {
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

  it("500 filters in one SUBSCRIBE or UNSUBSCRIBE are answered, one more closes the connection", async () => {
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

  it("of several SUBSCRIBEs that come at once each has a turn of its own", () => {
    const arrivals = new InboundQueue();
    const bytes = Buffer.alloc(30);
    for (const start of [0, 10, 20]) arrivals.addPacket({ bytes, start, body: start + 2, end: start + 10 }, false, 1);
    for (const start of [0, 10, 20]) {
      expect(arrivals.first).toMatchObject({ start, end: start + 10, packets: 1 });
      arrivals.shift();
    }
    expect(arrivals.first).toBeUndefined();
  });
});
