import { once } from "node:events";
import { connect } from "node:net";
import { connectAsync } from "mqtt";
import { WebSocket } from "ws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket } from "../raw-client.ts";

const loopback = { host: "127.0.0.1", port: 0 };

describe("WebSocket", () => {
  let platform: TestPlatform;
  let secret: string;
  const url = () => `ws://127.0.0.1:${platform.broker.wsPort}/mqtt`;
  beforeAll(async () => {
    platform = await startPlatform({ webSocket: { ...loopback, tls: false }, connectsPerMinute: 1000 });
    secret = await addDevice(platform.pool, "scanner-1", 0);
  });
  afterAll(() => platform?.close());

  it("carries MQTT with the same rules and the same journal", async () => {
    const who = { clientId: "scanner-1", username: "scanner-1", password: secret, reconnectPeriod: 0 };
    const client = await eventually(() => connectAsync(url(), who, false).catch(() => false as const));
    const many = Array.from({ length: 500 }, (_, n) =>
      client.publishAsync("devices/scanner-1/scan", JSON.stringify({ n, text: "x".repeat(200) }), { qos: 1 }),
    );
    await Promise.all(many);
    await client.endAsync();
    expect((await platform.journalled()).length).toBe(500);
    await expect(connectAsync(url(), { ...who, password: "wrong" }, false)).rejects.toThrow();
  });

  it.each([
    ["another path", "/other", ["mqtt"], 404],
    ["no subprotocol", "/mqtt", [], 400],
    ["another subprotocol", "/mqtt", ["chat"], 400],
  ])("refuses %s", async (_what, path, protocols, status) => {
    const socket = new WebSocket(`ws://127.0.0.1:${platform.broker.wsPort}${path}`, protocols);
    const [error] = (await once(socket, "error")) as [Error];
    expect(error.message).toContain(String(status));
  });

  it("closes connections for text frames, for packets above the limit and for silence", async () => {
    const open = async () => {
      const socket = new WebSocket(url(), ["mqtt"]);
      await once(socket, "open");
      expect(socket.protocol).toBe("mqtt");
      return socket;
    };
    const text = await open();
    text.send("hello");
    await once(text, "close");
    const giant = await open();
    giant.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await once(giant, "close");
    const silent = await open();
    await once(silent, "close");
    await eventually(() => platform.broker.connections() === 0);
  });

  it("accepts packets split over frames in any way", async () => {
    const socket = new WebSocket(url(), ["mqtt"]);
    await once(socket, "open");
    for (const byte of connectPacket({ clientId: "scanner-1", username: "scanner-1", password: secret })) {
      socket.send(Buffer.from([byte]));
    }
    const [answer] = (await once(socket, "message")) as [Buffer];
    expect([...answer]).toEqual([0x20, 2, 0, 0]);
    socket.close();
  });
});

describe("behind a load balancer", () => {
  const SIGNATURE = "0d0a0d0a000d0a515549540a";
  const from = (address: string): Buffer =>
    Buffer.concat([
      Buffer.from(`${SIGNATURE}2111000c`, "hex"),
      Buffer.from(address.split(".").map(Number)),
      Buffer.from("7f000001d431075b", "hex"),
    ]);
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({
      proxyProtocol: true,
      webSocket: { ...loopback, tls: false },
      maxConnectionsPerAddress: 1,
      anonymousLoopback: true,
    });
  });
  afterAll(() => platform?.close());

  /** Sends the bytes at once or one by one. @returns the first bytes of the answer; none when the connection is closed */
  async function say(bytes: Buffer, piecewise = false): Promise<Buffer> {
    const socket = connect(platform.port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk)).on("error", () => undefined);
    const parts = piecewise ? [...bytes].map((byte) => Buffer.from([byte])) : [bytes];
    for (const part of parts) {
      socket.write(part);
      if (piecewise) await new Promise((resolve) => setTimeout(resolve, 2));
    }
    if (chunks.length === 0) await Promise.race([once(socket, "close"), once(socket, "data")]);
    socket.destroy();
    return Buffer.concat(chunks);
  }
  const hello = connectPacket({ clientId: "trial" });

  it("uses the address in the PROXY header: a remote client does not count as loopback", async () => {
    expect([...(await say(Buffer.concat([from("127.0.0.9"), hello])))]).toEqual([0x20, 2, 0, 0]);
    expect([...(await say(Buffer.concat([from("127.0.0.9"), hello]), true))]).toEqual([0x20, 2, 0, 0]);
    expect([...(await say(Buffer.concat([from("203.0.113.7"), hello])))]).toEqual([0x20, 2, 0, 5]);
    const local = Buffer.from(`${SIGNATURE}20000000`, "hex");
    expect([...(await say(Buffer.concat([local, hello])))]).toEqual([0x20, 2, 0, 0]);
    const ipv6 = `${SIGNATURE}21210024${"0".repeat(31)}1${"0".repeat(31)}1d431075b`;
    expect([...(await say(Buffer.concat([Buffer.from(ipv6, "hex"), hello])))]).toEqual([0x20, 2, 0, 0]);
  });

  it("refuses a connection without a PROXY header, or with an invalid one", async () => {
    expect(await say(hello)).toHaveLength(0);
    expect(await say(Buffer.from(`${SIGNATURE}2111ffff`, "hex"))).toHaveLength(0);
    expect(
      await say(Buffer.concat([Buffer.from(`${SIGNATURE}3111000c`, "hex"), Buffer.alloc(12), hello])),
    ).toHaveLength(0);
  });

  it("counts connections by the address in the header", async () => {
    const hold = connect(platform.port, "127.0.0.1");
    hold.on("error", () => undefined).write(from("198.51.100.1"));
    await eventually(() => platform.broker.connections() === 1);
    expect(await say(Buffer.concat([from("198.51.100.1"), hello]))).toHaveLength(0);
    expect([...(await say(Buffer.concat([from("198.51.100.2"), hello])))]).toEqual([0x20, 2, 0, 5]);
    hold.destroy();
  });

  it("counts the connections of an IPv6 network of 64 bits together", async () => {
    const fromIpv6 = (address: string): Buffer =>
      Buffer.from(`${SIGNATURE}21210024${address}${"0".repeat(31)}1d431075b`, "hex");
    const hold = connect(platform.port, "127.0.0.1");
    hold.on("error", () => undefined).write(fromIpv6("20010db8000100020000000000000001"));
    await eventually(() => platform.broker.connections() === 1);
    expect(await say(Buffer.concat([fromIpv6("20010db8000100020000000000000002"), hello]))).toHaveLength(0);
    expect([...(await say(Buffer.concat([fromIpv6("20010db8000100030000000000000002"), hello])))]).toEqual([
      0x20, 2, 0, 5,
    ]);
    hold.destroy();
  });

  it("reads the header before HTTP and WebSocket too", async () => {
    const socket = connect(platform.broker.wsPort!, "127.0.0.1");
    socket.write(Buffer.concat([from("198.51.100.3"), Buffer.from("GET /nothing HTTP/1.0\r\n\r\n")]));
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toContain("404");
    socket.destroy();
  });
});
