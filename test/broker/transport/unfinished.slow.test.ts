import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, createAuthority } from "../../support/certificates.ts";
import { requires } from "../../support/requires.ts";
import { bytesInFrames, openWebSocket, PING_FRAME } from "../../support/websocket-frames.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket, connectRaw, publishPacket } from "../raw-client.ts";

const openssl = requires("openssl");
const itOverTls = openssl === undefined ? it.skip : it.concurrent;
const loopback = { host: "127.0.0.1", port: 0 };
const webSocket = { ...loopback, tls: false };

/** Sends a byte every 100 ms, so that the connection is never idle. @returns in how many milliseconds it took them until it closed */
async function trickle(port: number, bytes: Buffer): Promise<number> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.on("error", () => undefined).resume();
  await once(socket, "connect");
  let at = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1)), 100);
  await closed(socket);
  clearInterval(timer);
  return at * 100;
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once("close", () => resolve()));

describe("what never ends is ended by the broker, although bytes keep coming", () => {
  let platform: TestPlatform;
  let balanced: TestPlatform;
  let authority: Authority | undefined;
  beforeAll(async () => {
    authority = openssl === undefined ? undefined : await createAuthority(openssl, "ours");
    const certificate = await authority?.issue("localhost");
    const files = { clientCaFile: undefined, crlFile: undefined };
    const tls = certificate && { certFile: certificate.certFile, keyFile: certificate.keyFile, ...files };
    [platform, balanced] = await Promise.all([
      startPlatform({ webSocket, anonymousLoopback: true, ...(tls && { mqtts: loopback, tls }) }),
      startPlatform({ proxyProtocol: true }),
    ]);
  });
  afterAll(() => Promise.all([platform?.close(), balanced?.close(), authority?.remove()]));

  it.concurrent("a CONNECT", async () => {
    expect(await trickle(platform.port, connectPacket({ clientId: "x".repeat(100) }))).toBeLessThan(8000);
  });

  it.concurrent("a PROXY header", async () => {
    const header = Buffer.concat([Buffer.from("0d0a0d0a000d0a515549540a21110800", "hex"), Buffer.alloc(2048)]);
    expect(await trickle(balanced.port, header)).toBeLessThan(8000);
  });

  it.concurrent("the head of an HTTP request", async () => {
    const head = Buffer.from("GET /mqtt HTTP/1.1\r\nA: ".padEnd(1000, "b"));
    expect(await trickle(platform.broker.wsPort!, head)).toBeLessThan(8000);
  });

  itOverTls("a TLS handshake", async () => {
    // The record says that it has 512 bytes.
    const hello = Buffer.concat([Buffer.from([0x16, 3, 1, 2, 0]), Buffer.alloc(512)]);
    expect(await trickle(platform.broker.tlsPort!, hello)).toBeLessThan(8000);
  });

  itOverTls("one handshake after the other on a connection of TLS 1.2", async () => {
    const options = { port: platform.broker.tlsPort!, rejectUnauthorized: false, maxVersion: "TLSv1.2" } as const;
    const socket = connectTls(options).on("error", () => undefined);
    await once(socket, "secureConnect");
    const renegotiated = await new Promise<boolean>((resolve) => {
      socket.once("close", () => resolve(false));
      socket.renegotiate({}, (error) => resolve(error === null));
    });
    expect(renegotiated).toBe(false);
    socket.destroy();
  });
});

describe("before a client is known", () => {
  let platform: TestPlatform;
  let secret: string;
  beforeAll(async () => {
    platform = await startPlatform({ webSocket });
    secret = await addDevice(platform.pool, "known", 0);
    await eventually(async () => {
      const { client, returnCode } = await connectRaw(platform.port, who());
      client.destroy();
      return returnCode === 0;
    });
  });
  afterAll(() => platform?.close());
  const who = () => ({ clientId: "known", username: "known", password: secret });

  it("a WebSocket may send as much as a CONNECT can have, and afterwards frames with many packets", async () => {
    const stranger = await openWebSocket(platform.broker.wsPort!);
    const from = performance.now();
    stranger.write(bytesInFrames(Buffer.alloc(1024 * 1024), 1024 * 1024).subarray(0, 40_000));
    await closed(stranger);
    expect(performance.now() - from).toBeLessThan(4000);
    const device = await openWebSocket(platform.broker.wsPort!);
    const publishes = Buffer.concat(
      Array.from({ length: 9 }, (_, n) => publishPacket("devices/known/gps", Buffer.alloc(100_000), 1, n + 1)),
    );
    device.write(bytesInFrames(connectPacket(who())));
    await once(device, "data");
    device.write(bytesInFrames(publishes, publishes.length));
    await eventually(async () => (await platform.journalled()).length === 9);
    device.destroy();
  });

  it("a flood of WebSocket pings is closed", async () => {
    const stranger = await openWebSocket(platform.broker.wsPort!);
    stranger.pause();
    stranger.write(Buffer.concat(Array.from({ length: 10_000 }, () => PING_FRAME)));
    stranger.resume();
    const from = performance.now();
    await closed(stranger);
    expect(performance.now() - from).toBeLessThan(4000);
  });

  it("the body of an HTTP request is not read: without credentials it is answered at once", async () => {
    const socket = connect({ port: platform.broker.wsPort!, host: "127.0.0.1" });
    const head = "POST /ingest/native?id=known&kind=gps HTTP/1.1\r\nHost: broker\r\nTransfer-Encoding: chunked\r\n\r\n";
    socket.write(`${head}1000\r\n${"x".repeat(100)}`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 401/);
    socket.destroy();
  });
});

describe.skipIf(process.platform !== "linux")("a client with keep alive 0", () => {
  /** whether the kernel has a keep alive timer for this connection (proc_net_tcp.txt: timer 2) */
  async function hasTcpKeepAlive(port: number, clientPort: number): Promise<boolean> {
    const hex = (number: number): string => number.toString(16).toUpperCase().padStart(4, "0");
    const lines = (await readFile("/proc/net/tcp", "utf8")).split("\n");
    const line = lines.find((text) => text.includes(`:${hex(port)} 0100007F:${hex(clientPort)} `));
    return / 02:[0-9A-F]{8} /.test(line ?? "");
  }

  it("is asked by TCP whether its host is still there; one with a keep alive is not", async () => {
    const platform = await startPlatform({ anonymousLoopback: true });
    for (const keepalive of [0, 60]) {
      const { client } = await connectRaw(platform.port, { clientId: "quiet", keepalive });
      const hasTimer = () => hasTcpKeepAlive(platform.port, client.socket.localPort!);
      if (keepalive === 0) await eventually(hasTimer);
      else expect(await hasTimer()).toBe(false);
      client.destroy();
    }
    await platform.close();
  });
});
