import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Peer } from "../../../broker/transport/peer.ts";
import { LoginThrottle } from "../../../broker/auth/login-throttle.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";
import { connectRaw, publishPacket } from "../raw-client.ts";
import { addressBlock } from "../../../infra/runtime/client-address.ts";
import { createAttemptCounter } from "../../../infra/runtime/attempt-counter.ts";

describe("a token as password", () => {
  let platform: TestPlatform;
  let sign: (claims: Record<string, unknown>, key?: "ours" | "other", kid?: string) => Promise<string>;

  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 });
    const [ours, other] = await Promise.all([
      generateKeyPair("ES256", { extractable: true }),
      generateKeyPair("ES256", { extractable: true }),
    ]);
    await platform.pool.query("INSERT INTO signing_keys (kid, public_jwk, private_jwk) VALUES ('k1', $1, $2)", [
      await exportJWK(ours.publicKey),
      await exportJWK(ours.privateKey),
    ]);
    sign = async (claims, key = "ours", kid = "k1") =>
      new SignJWT({ gen: await generation(String(claims.sub)), ...claims })
        .setProtectedHeader({ alg: "ES256", kid })
        .sign(key === "ours" ? ours.privateKey : other.privateKey);
    await addDevice(platform.pool, "truck-1");
    await addDevice(platform.pool, "truck-2");
    await eventually(async () => (await connect(await valid())) === 0);
  });
  afterAll(() => platform?.close());

  /** What the API writes into the tokens of a device. */
  async function generation(id: string): Promise<string> {
    const { rows } = await platform.pool.query<{ gen: string }>(
      `SELECT (extract(epoch FROM created_at) * 1000)::bigint || '.' ||
         (SELECT coalesce(max(id), 0) FROM device_credentials WHERE device_id = d.id) AS gen FROM devices d WHERE id = $1`,
      [id],
    );
    return rows[0]!.gen;
  }
  const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
  const valid = () => sign({ sub: "truck-1", aud: "mqtt", exp: inSeconds(60) });
  async function connect(password: string, username = "truck-1"): Promise<number> {
    const { client, returnCode } = await connectRaw(platform.port, { clientId: "truck-1", username, password });
    client.destroy();
    return returnCode;
  }

  it("is accepted only if it is signed by us, for MQTT, for this device and not expired", async () => {
    const exp = inSeconds(60);
    expect(await connect(await valid())).toBe(0);
    expect(await connect(await sign({ sub: "truck-2", aud: "mqtt", exp }))).toBe(4);
    expect(await connect(await sign({ sub: "truck-2", aud: "mqtt", exp }), "truck-2")).toBe(5);
    expect(await connect(await sign({ sub: "truck-1", aud: "api", exp }))).toBe(4);
    expect(await connect(await sign({ sub: "truck-1", exp }))).toBe(4);
    expect(await connect(await sign({ sub: "truck-1", aud: "mqtt" }))).toBe(4);
    expect(await connect(await sign({ sub: "truck-1", aud: "mqtt", exp: inSeconds(-60) }))).toBe(4);
    expect(await connect(await sign({ sub: "truck-1", aud: "mqtt", exp }, "other"))).toBe(4);
    expect(await connect(await sign({ sub: "truck-1", aud: "mqtt", exp }, "ours", "k2"))).toBe(4);
    const [, payload] = (await valid()).split(".");
    const none = Buffer.from('{"alg":"none","kid":"k1"}').toString("base64url");
    const hmac = Buffer.from('{"alg":"HS256","kid":"k1"}').toString("base64url");
    expect(await connect(`${none}.${payload}.AAAA`)).toBe(4);
    expect(await connect(`${hmac}.${payload}.${"A".repeat(43)}`)).toBe(4);
    expect(await connect("a.b.c")).toBe(4);
  });

  it("ends the connection at its `exp`", async () => {
    const password = await sign({ sub: "truck-1", aud: "mqtt", exp: inSeconds(3) });
    const { client, returnCode } = await connectRaw(platform.port, {
      clientId: "truck-1",
      username: "truck-1",
      password,
    });
    expect(returnCode).toBe(0);
    client.send(publishPacket("devices/truck-1/gps", "{}", 1, 1));
    await client.next("puback");
    await client.closed();
    expect(await connect(password)).toBe(4);
  });

  async function join(password: string) {
    const joined = await connectRaw(platform.port, { clientId: "truck-1", username: "truck-1", password });
    expect(joined.returnCode).toBe(0);
    return joined.client;
  }

  it("ends with a rotation of the device's secrets, and with the device", async () => {
    const rotate = "INSERT INTO device_credentials (device_id, secret_sha256) VALUES ('truck-1', sha256('new'))";
    const before = await valid();
    const client = await join(before);
    await platform.pool.query(rotate);
    await client.closed();
    expect(await connect(before)).toBe(4);
    const after = await valid();
    (await join(after)).destroy();
    // A new device of the same name is another one.
    await platform.pool.query("DELETE FROM devices WHERE id = 'truck-1'");
    await addDevice(platform.pool, "truck-1");
    await eventually(async () => (await connect(await valid())) === 0);
    expect(await connect(after)).toBe(4);
    expect(await connect(await sign({ sub: "truck-1", aud: "mqtt", exp: inSeconds(60), gen: undefined }))).toBe(4);
  });

  it("ends at once when the key that signed it is retired, also where it is in use", async () => {
    const password = await valid();
    const client = await join(password);
    await platform.pool.query("UPDATE signing_keys SET retired_at = now()");
    await client.closed();
    expect(await connect(password)).toBe(4);
    await platform.pool.query("UPDATE signing_keys SET retired_at = NULL");
    await eventually(async () => (await connect(password)) === 0);
  });

  it("does not help a suspended device", async () => {
    const { client } = await connectRaw(platform.port, {
      clientId: "truck-1",
      username: "truck-1",
      password: await valid(),
    });
    await platform.pool.query("UPDATE devices SET state = 'suspended' WHERE id = 'truck-1'");
    await client.closed(1000);
    expect(await connect(await valid())).toBe(5);
  });
});

describe("failed logins", () => {
  const tries = { count: 5, windowMs: 60_000 };
  const from = (address: string): Peer => ({
    address,
    addressBlock: addressBlock(address),
    certificateName: undefined,
  });

  it("block the sixth attempt of one name from one address, and no other name or address", () => {
    const logins = new LoginThrottle(tries, createAttemptCounter);
    for (let n = 0; n < 5; n++) {
      expect(logins.blockedForMs(from("203.0.113.1"), "truck-1", n)).toBe(0);
      logins.recordFailure(from("203.0.113.1"), "truck-1", n);
    }
    expect(logins.blockedForMs(from("203.0.113.1"), "truck-1", 10)).toBeGreaterThan(0);
    expect(logins.blockedForMs(from("203.0.113.1"), "truck-2", 10)).toBe(0);
    expect(logins.blockedForMs(from("203.0.113.2"), "truck-1", 10)).toBe(0);
    expect(logins.blockedForMs(from("203.0.113.1"), "truck-1", 60_004)).toBe(0);
  });

  it("block an address that tries many names, and never loopback", () => {
    const logins = new LoginThrottle(tries, createAttemptCounter);
    for (let n = 0; n < 100; n++) {
      for (const address of ["203.0.113.1", "127.0.0.1", "::1", "::ffff:127.0.0.1"])
        logins.recordFailure(from(address), `name-${n}`, n);
    }
    expect(logins.blockedForMs(from("203.0.113.1"), "another", 100)).toBeGreaterThan(0);
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      expect(logins.blockedForMs(from(address), "another", 100)).toBe(0);
    }
  });

  it("of a name are forgotten after a successful login", () => {
    const logins = new LoginThrottle(tries, createAttemptCounter);
    for (let n = 0; n < 4; n++) logins.recordFailure(from("203.0.113.1"), "truck-1", n);
    logins.reset(from("203.0.113.1"), "truck-1");
    for (let n = 0; n < 4; n++) logins.recordFailure(from("203.0.113.1"), "truck-1", n);
    expect(logins.blockedForMs(from("203.0.113.1"), "truck-1", 10)).toBe(0);
  });

  it("count an IPv6 network of 64 bits as one address", () => {
    const logins = new LoginThrottle(tries, createAttemptCounter);
    for (let n = 0; n < 100; n++) logins.recordFailure(from(`2001:db8:1:2::${n.toString(16)}`), `name-${n}`, n);
    expect(logins.blockedForMs(from("2001:db8:1:2:ffff::1"), "another", 100)).toBeGreaterThan(0);
    expect(logins.blockedForMs(from("2001:db8:1:3::1"), "another", 100)).toBe(0);
  });

  it("of names of any length take little memory, and none shares the count of another", () => {
    const logins = new LoginThrottle(tries, createAttemptCounter);
    const before = process.memoryUsage();
    for (let n = 0; n < 5000; n++) logins.recordFailure(from("203.0.113.1"), `${"x".repeat(20_000)}${n}`, n);
    const after = process.memoryUsage();
    // 100 MB of names; the rest is what they leave behind.
    expect(after.heapUsed - before.heapUsed).toBeLessThan(60e6);
    const other = from("203.0.113.2");
    for (let n = 0; n < 5; n++) logins.recordFailure(other, `${"x".repeat(20_000)}1`, n);
    expect(logins.blockedForMs(other, `${"x".repeat(20_000)}1`, 10)).toBeGreaterThan(0);
    expect(logins.blockedForMs(other, `${"x".repeat(20_000)}2`, 10)).toBe(0);
  });
});
