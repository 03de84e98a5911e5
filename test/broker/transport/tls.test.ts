import { copyFile, readFile } from "node:fs/promises";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { connectAsync, type IClientOptions } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Authority, type Certificate, createAuthority } from "../../support/certificates.ts";
import { requires } from "../../support/requires.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";

const openssl = requires("openssl");

describe.skipIf(!openssl)("TLS", () => {
  let ours: Authority;
  let foreign: Authority;
  let server: Certificate;
  let platform: TestPlatform;
  let ca: string;
  let secret: string;

  beforeAll(async () => {
    [ours, foreign] = await Promise.all([createAuthority(openssl!, "ours"), createAuthority(openssl!, "foreign")]);
    server = await ours.issue("localhost");
    ca = await readFile(ours.caFile, "utf8");
    const { certFile, keyFile } = server;
    platform = await startPlatform({
      mqtts: { host: "127.0.0.1", port: 0 },
      webSocket: { host: "127.0.0.1", port: 0, tls: true },
      tls: { certFile, keyFile, clientCaFile: ours.caFile, crlFile: ours.crlFile },
      connectsPerMinute: 1000,
    });
    secret = await addDevice(platform.pool, "probe-1");
    await eventually(() => mqtts({ clientId: "probe-1", username: "probe-1", password: secret }).catch(() => false));
  }, 30_000);
  afterAll(async () => {
    await platform?.close();
    await ours?.remove();
    await foreign?.remove();
  });

  /** Connects, publishes a reading at QoS 1 and disconnects. */
  async function mqtts(options: IClientOptions, url = `mqtts://127.0.0.1:${platform.broker.tlsPort}`): Promise<true> {
    const client = await connectAsync(url, { ca, reconnectPeriod: 0, connectTimeout: 2000, ...options }, false);
    // mqtt.js keeps waiting for the PUBACK of a publish whose connection has closed.
    const cut = new Promise<never>((_, reject) =>
      client.once("close", () => reject(new Error("cut before the answer"))),
    );
    await Promise.race([client.publishAsync(`devices/${options.clientId}/env`, "{}", { qos: 1 }), cut]);
    await client.endAsync();
    return true;
  }
  const by = ({ cert, key }: Certificate, clientId = "probe-1"): IClientOptions => ({ clientId, cert, key });

  it("accepts secrets over TLS and over secure WebSocket", async () => {
    const who = { clientId: "probe-1", username: "probe-1", password: secret };
    expect(await mqtts(who)).toBe(true);
    expect(await mqtts(who, `wss://127.0.0.1:${platform.broker.wsPort}/mqtt`)).toBe(true);
  });

  it("accepts a device by a certificate with its name, over TLS and secure WebSocket", async () => {
    const certificate = await ours.issue("probe-1");
    expect(await mqtts(by(certificate))).toBe(true);
    expect(await mqtts(by(certificate), `wss://127.0.0.1:${platform.broker.wsPort}/mqtt`)).toBe(true);
    const last = (await platform.journalled()).at(-1);
    expect(last).toMatchObject({ clientId: "probe-1", topic: "devices/probe-1/env" });
  });

  it("refuses a certificate that is expired, revoked, of another authority, or of another device", async () => {
    await addDevice(platform.pool, "probe-2");
    await expect(mqtts(by(await ours.issue("probe-1", -30)))).rejects.toThrow();
    await expect(mqtts(by(await foreign.issue("probe-1")))).rejects.toThrow();
    await expect(mqtts(by(await ours.issue("probe-2")))).rejects.toThrow(/not authorized/i);
    await expect(mqtts(by(await ours.issue("nobody"), "nobody"))).rejects.toThrow(/not authorized/i);
    const good = await ours.issue("probe-1");
    await expect(mqtts({ ...by(good), username: "probe-2", clientId: "probe-2", password: "x" })).rejects.toThrow();
    expect(await mqtts(by(good))).toBe(true);
    await ours.revoke(good);
    await eventually(
      () =>
        mqtts(by(good)).then(
          () => false,
          () => true,
        ),
      20_000,
    );
  }, 60_000);

  it("a certificate that is revoked while its device is connected ends that connection and no other", async () => {
    await addDevice(platform.pool, "probe-3");
    const revoked = await ours.issue("probe-3");
    const other = await ours.issue("probe-1");
    const join = (certificate: Certificate, clientId: string, protocol: string, port: number | undefined) =>
      connectAsync(
        `${protocol}://127.0.0.1:${port}/mqtt`,
        { ca, reconnectPeriod: 0, ...by(certificate, clientId) },
        false,
      );
    const { tlsPort, wsPort } = platform.broker;
    const kept = await join(other, "probe-1", "mqtts", tlsPort);
    const cut = await join(revoked, "probe-3", "wss", wsPort);
    const ends = new Promise<void>((resolve) => cut.once("close", () => resolve()));
    await ours.revoke(revoked);
    await Promise.race([ends, delay(20_000).then(() => Promise.reject(new Error("still connected")))]);
    await kept.publishAsync("devices/probe-1/env", "{}", { qos: 1 });
    await kept.endAsync();
  }, 60_000);

  it("refuses plaintext on the TLS port, TLS 1.1, and a suspended device with its certificate", async () => {
    const plain = connectPlain(platform.broker.tlsPort!, "127.0.0.1");
    plain.write(Buffer.from("101000044d5154540402003c000474657374", "hex"));
    const answer = await new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = [];
      plain.on("data", (chunk: Buffer) => chunks.push(chunk));
      plain.on("error", () => undefined);
      plain.on("close", () => resolve(Buffer.concat(chunks)));
    });
    expect(answer[0] === 0x20).toBe(false);
    await expect(handshake({ maxVersion: "TLSv1.1", minVersion: "TLSv1.1" })).rejects.toThrow();
    await platform.pool.query("INSERT INTO devices (id, kind, state) VALUES ('idle', 'env', 'suspended')");
    const certificate = await ours.issue("idle");
    await expect(mqtts(by(certificate, "idle"))).rejects.toThrow(/not authorized/i);
  });

  it("a new certificate is used without a restart, and open sessions continue", async () => {
    const client = await connectAsync(
      `mqtts://127.0.0.1:${platform.broker.tlsPort}`,
      { ca, reconnectPeriod: 0, clientId: "probe-1", username: "probe-1", password: secret },
      false,
    );
    let closed = false;
    client.on("close", () => (closed = true));
    const before = await handshake({});
    const fresh = await ours.issue("localhost");
    await copyFile(fresh.certFile, server.certFile);
    await copyFile(fresh.keyFile, server.keyFile);
    await eventually(async () => (await handshake({})) !== before, 15_000);
    await client.publishAsync("devices/probe-1/env", "{}", { qos: 1 });
    expect(closed).toBe(false);
    await client.endAsync();
  });

  it("a certificate that cannot be read fails the start, and the error names the file", async () => {
    const tls = {
      certFile: join("/nowhere", "cert.pem"),
      keyFile: server.keyFile,
      clientCaFile: undefined,
      crlFile: undefined,
    };
    await expect(startPlatform({ mqtts: { host: "127.0.0.1", port: 0 }, tls })).rejects.toThrow(/nowhere/);
  });

  /** @returns the serial number of the server's certificate */
  function handshake(options: ConnectionOptions): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connectTls({ port: platform.broker.tlsPort!, host: "127.0.0.1", ca, ...options }, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on("error", reject);
    });
  }
});
