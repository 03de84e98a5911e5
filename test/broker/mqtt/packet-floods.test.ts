import { once } from "node:events";
import { Duplex } from "node:stream";
import { generate, type Packet } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MqttConnection } from "../../../broker/mqtt/connection.ts";
import { PacketFramer } from "../../../broker/mqtt/packet-framer.ts";
import { Backpressure } from "../../../broker/uplink/backpressure.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket, connectRaw, publishPacket, type RawClient } from "../raw-client.ts";

/** One packet of each type that a connected client may send again and again. */
const PACKETS: ReadonlyArray<[string, (messageId: number) => Buffer]> = [
  ["PINGREQ", () => Buffer.from([0xc0, 0])],
  ["SUBSCRIBE", (messageId) => packet({ cmd: "subscribe", messageId, subscriptions: [{ topic: "a", qos: 1 }] })],
  ["UNSUBSCRIBE", (messageId) => packet({ cmd: "unsubscribe", messageId, unsubscriptions: ["a"] })],
  ["PUBACK", (messageId) => packet({ cmd: "puback", messageId })],
  ["PUBREC", (messageId) => packet({ cmd: "pubrec", messageId })],
  ["PUBREL", (messageId) => packet({ cmd: "pubrel", messageId })],
  ["PUBCOMP", (messageId) => packet({ cmd: "pubcomp", messageId })],
];
const packet = (content: Packet): Buffer => generate(content);
const many = (one: (messageId: number) => Buffer, count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, n) => one(n + 1)));

describe("a device's rate limit", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ deviceRate: { perSecond: 200, burst: 10 } });
  });
  afterAll(() => platform?.close());

  async function join(id: string, rateLimit: number | null = null, { pool, port } = platform): Promise<RawClient> {
    const password = await addDevice(pool, id, rateLimit);
    return await eventually(async () => {
      const { client, returnCode } = await connectRaw(port, { clientId: id, username: id, password });
      return returnCode === 0 && client;
    });
  }

  /** milliseconds until a reading after the packets has its PUBACK */
  async function timeBehind(client: RawClient, id: string, packets: Buffer): Promise<number> {
    const from = performance.now();
    client.send(Buffer.concat([packets, publishPacket(`devices/${id}/gps`, "{}", 1, 9)]));
    await eventually(() => client.received.some(({ cmd, messageId }) => cmd === "puback" && messageId === 9));
    return performance.now() - from;
  }

  it.concurrent.each(PACKETS)("counts every %s", async (name, one) => {
    const id = `fast-${name}`;
    const client = await join(id);
    // 290 beyond the burst take 1,450 ms at 200 a second; the last of them are handled in one turn.
    expect(await timeBehind(client, id, many(one, 300))).toBeGreaterThan(750);
    client.destroy();
  });

  it("does not count the PUBREL of a QoS 2 publish", async () => {
    const slow = await startPlatform({ deviceRate: { perSecond: 1, burst: 250 } });
    const client = await join("polite", null, slow);
    for (let round = 0; round < 10; round++) {
      for (let messageId = 1; messageId <= 10; messageId++)
        client.send(publishPacket("devices/polite/gps", "{}", 2, messageId));
      await eventually(() => client.received.filter(({ cmd }) => cmd === "pubrec").length === 10 * (round + 1));
      client.send(many((messageId) => packet({ cmd: "pubrel", messageId }), 10));
      await eventually(() => client.received.filter(({ cmd }) => cmd === "pubcomp").length === 10 * (round + 1));
    }
    // With the PUBRELs of the 100 before, these 100 would be beyond the burst by a minute.
    for (let messageId = 101; messageId <= 200; messageId++)
      client.send(publishPacket("devices/polite/gps", "{}", 1, messageId));
    await eventually(() => client.received.filter(({ cmd }) => cmd === "puback").length === 100);
    client.destroy();
    await slow.close();
  });

  it("does not slow a device without one", async () => {
    const client = await join("free", 0);
    // With the limit, each 1,500 would take more than seven seconds.
    for (const [, one] of PACKETS) expect(await timeBehind(client, "free", many(one, 1500))).toBeLessThan(5000);
    client.destroy();
  });
});

/** A connection whose client takes nothing: as with full kernel buffers, written bytes go nowhere. */
function frozenConnection(drainTimeoutMs: number) {
  let written = 0;
  let unread = 0;
  const transport = new Duplex({ read: () => undefined, write: (chunk: Buffer) => void (written += chunk.length) });
  const options = { maxPayloadBytes: 128 * 1024, connectTimeoutMs: 60_000, drainTimeoutMs };
  const connection = new MqttConnection(
    transport,
    { address: "::1", addressBlock: "::1", certificateName: undefined },
    { ...options, backpressure: new Backpressure() },
  );
  connection.markAuthenticated(undefined, 128);
  connection.markConnected();
  connection.on("readable", () => connection.read());
  transport.push(connectPacket({ clientId: "frozen" }));
  const push = (bytes: Buffer): void => {
    if (!transport.push(bytes)) unread += bytes.length;
  };
  return { connection, push, written: () => written, unread: () => unread };
}

describe("a client that reads nothing", () => {
  it("is not read while it takes no PINGRESP, and then disconnected", async () => {
    const { connection, push, written, unread } = frozenConnection(300);
    const closed = once(connection, "close");
    const timeouts = setInterval(() => connection.checkTimeouts(performance.now()), 50);
    const pings = Buffer.alloc(64 * 1024, Buffer.from([0xc0, 0]));
    for (let round = 0; round < 32; round++) {
      push(pings);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await expect(closed).rejects.toThrow("does not read what is sent to it");
    clearInterval(timeouts);
    expect(written()).toBeLessThan(20_000);
    expect(unread()).toBeGreaterThan(30 * pings.length);
  });

  it("is still heard where nothing is to be answered: PUBACK and DISCONNECT", async () => {
    const { connection, push } = frozenConnection(60_000);
    const parsed: Buffer[] = [];
    connection.removeAllListeners("readable").on("data", (bytes: Buffer) => parsed.push(bytes));
    push(Buffer.alloc(16 * 1024, Buffer.from([0xc0, 0])));
    await eventually(() => parsed.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const acknowledgement = generate({ cmd: "puback", messageId: 1 });
    push(acknowledgement);
    await eventually(() => parsed.length === 2);
    push(generate({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["a"] }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(parsed.slice(1)).toEqual([acknowledgement]);
    connection.destroy();
    const leaving = frozenConnection(60_000);
    leaving.connection.removeAllListeners("readable").on("data", (bytes: Buffer) => parsed.push(bytes));
    leaving.push(Buffer.concat([Buffer.alloc(16 * 1024, Buffer.from([0xc0, 0])), Buffer.from([0xe0, 0])]));
    await eventually(() => parsed.at(-1)?.[0] === 0xe0);
    leaving.connection.destroy();
  });
});

it("of a flood of pings only some are answered in one turn of the event loop, and their answers leave in one write", async () => {
  const writes: number[] = [];
  const transport = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      writes.push(chunk.length);
      done();
    },
  });
  const connection = new MqttConnection(
    transport,
    { address: "::1", addressBlock: "::1", certificateName: undefined },
    { maxPayloadBytes: 1024, connectTimeoutMs: 60_000, drainTimeoutMs: 60_000, backpressure: new Backpressure() },
  );
  connection.markAuthenticated(undefined, 128);
  connection.markConnected();
  connection.on("readable", () => connection.read());
  transport.push(connectPacket({ clientId: "pinging" }));
  transport.push(Buffer.alloc(64 * 1024, Buffer.from([0xc0, 0])));
  await eventually(() => writes.reduce((sum, bytes) => sum + bytes, 0) === 64 * 1024);
  expect(Math.max(...writes)).toBeLessThanOrEqual(2 * 128);
  expect(writes.length).toBeLessThan((64 * 1024) / 2 / 64);
  connection.destroy();
});

it("an unfinished packet takes little more memory than its bytes, however small its pieces are", () => {
  // a PUBLISH of 120,000 bytes
  const header = Buffer.from([0x30, 0xc0, 0xa9, 0x07]);
  const before = process.memoryUsage();
  const framers = Array.from({ length: 40 }, () => {
    const framer = new PacketFramer(128 * 1024);
    for (const bytes of header) if (framer.add(Buffer.from([bytes]))) framer.next();
    for (let n = 0; n < 20_000; n++) if (framer.add(Buffer.from([n]))) framer.next();
    return framer;
  });
  const after = process.memoryUsage();
  const growth = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  expect(framers).toHaveLength(40);
  // 0.8 MB arrived; the rest is what the pieces leave behind. A list of the pieces takes 90 MB.
  console.log(`40 unfinished packets of 20 kB: ${(growth / 1e6).toFixed(0)} MB`);
  expect(growth).toBeLessThan(60e6);
});
