import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect as openSocket } from "node:net";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JournalWriter } from "../../../broker/journal/journal.ts";
import { createAuthority } from "../../support/certificates.ts";
import { requires } from "../../support/requires.ts";
import { addDevice, eventually, startPlatform, type TestPlatform } from "../platform.ts";

const webSocket = { host: "127.0.0.1", port: 0, tls: false };
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`,
});

describe("devices that speak HTTP", () => {
  let platform: TestPlatform;
  let secret: string;
  let isFull = false;
  beforeAll(async () => {
    const wrap = (inner: JournalWriter): JournalWriter =>
      new Proxy(inner, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name);
          if (name !== "append") return typeof value === "function" ? value.bind(target) : value;
          return (message: never, done: (error: Error | null) => void) =>
            isFull ? done(new Error("full")) : target.append(message, done);
        },
      });
    platform = await startPlatform({ webSocket, deviceRate: { perSecond: 20, burst: 10 } }, wrap);
    secret = await addDevice(platform.pool, "phone-1", 0, "osmand");
    await eventually(async () => (await ingest("osmand?id=phone-1", basic("phone-1", secret))).status === 200);
  });
  afterAll(() => platform?.close());

  const url = () => `http://127.0.0.1:${platform.broker.wsPort}`;
  const ingest = (path: string, headers: Record<string, string> = {}, body?: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${url()}/ingest/${path}`, { headers, ...(body === undefined ? {} : { method: "POST", body }) });
  const auditRows = async (action: string): Promise<unknown[]> =>
    (await platform.pool.query<object>("SELECT * FROM audit WHERE action = $1", [action])).rows;
  const status = async (...args: Parameters<typeof ingest>): Promise<number> => (await ingest(...args)).status;

  it("a GET's query and a POST's body are in the journal when 200 is answered", async () => {
    const query = "id=phone-1&lat=48.1&lon=11.5&timestamp=1400000000";
    expect(await status(`osmand?${query}`, basic("phone-1", secret))).toBe(200);
    expect((await platform.journalled()).at(-1)).toMatchObject({ clientId: "phone-1", topic: "devices/phone-1/raw" });
    expect((await platform.journalled()).at(-1)!.payload.toString()).toBe(query);
    expect(await status("osmand?id=phone-1", { authorization: `Bearer ${secret}` }, '{"location":{}}')).toBe(200);
    expect((await platform.journalled()).at(-1)!.payload.toString()).toBe('{"location":{}}');
    expect(await status("native?id=phone-1&kind=gps", basic("phone-1", secret), "[]")).toBe(200);
    expect((await platform.journalled()).at(-1)!.topic).toBe("devices/phone-1/gps");
  });

  it("refuses unknown senders (401), forbidden devices (403) and invalid requests (400, 404, 405, 409, 413)", async () => {
    const who = basic("phone-1", secret);
    const other = basic("phone-2", await addDevice(platform.pool, "phone-2"));
    await eventually(async () => (await status("native?id=phone-2&kind=gps", other, "[]")) === 200);
    const before = (await platform.journalled()).length;
    expect(await status("osmand?id=phone-1")).toBe(401);
    expect(await status("osmand?id=phone-1", basic("phone-1", "wrong"))).toBe(401);
    expect(await status("osmand?id=nobody", basic("nobody", secret))).toBe(401);
    expect(await status("osmand?id=phone-1", { authorization: "Bearer wrong" })).toBe(401);
    expect(await status("osmand?id=phone-1", other)).toBe(403);
    await platform.pool.query("INSERT INTO devices (id, kind, state) VALUES ('idle', 'gps', 'suspended')");
    await platform.pool.query("INSERT INTO device_credentials (device_id, secret_sha256) VALUES ('idle', $1)", [
      createHash("sha256").update("s").digest(),
    ]);
    await eventually(async () => (await status("native?id=idle&kind=gps", basic("idle", "s"), "[]")) === 403);
    expect(await status("owntracks?id=phone-1", who, "{}")).toBe(409);
    expect(await status("native?id=phone-1", who, "{}")).toBe(400);
    expect(await status("osmand?id=a%2Fb", who)).toBe(400);
    expect((await fetch(`${url()}/ingest/osmand?id=phone-1`, { method: "PUT", headers: who })).status).toBe(405);
    expect((await fetch(`${url()}/elsewhere`)).status).toBe(404);
    expect(await status("osmand?id=phone-1", who, new Uint8Array(200_000))).toBe(413);
    expect((await platform.journalled()).length).toBe(before);
    const refused = await ingest("osmand?id=phone-1");
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(await refused.json()).toMatchObject({ status: 401, title: "Unauthorized" });
  });

  it("takes the device and its secret from the path, and tells neither log, audit nor answer", async () => {
    const path = `osmand/phone-1/${secret}`;
    // Apps call themselves what they like.
    expect(await status(`${path}?id=my-phone&lat=48.2&lon=11.6`)).toBe(200);
    const sent = (await platform.journalled()).at(-1)!;
    expect(sent).toMatchObject({ clientId: "phone-1", topic: "devices/phone-1/raw" });
    expect(sent.payload.toString()).toBe("id=my-phone&lat=48.2&lon=11.6");
    expect(await status(`${path}/`, {}, '{"location":{}}')).toBe(200);
    expect(await status(`native/phone-1/${secret}?kind=gps`, {}, "[]")).toBe(200);
    const wrong = `${secret.slice(0, -4)}AAAA`;
    const answers = [
      await ingest(`osmand/phone-1/${wrong}?lat=1&lon=2`),
      await ingest(`owntracks/phone-1/${secret}`, {}, "{}"),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([401, 409]);
    for (const answer of answers) expect(await answer.text()).not.toMatch(new RegExp(`${secret}|${wrong}`));
    expect(await status("osmand/phone-1/%")).toBe(400);
    await eventually(async () => (await auditRows("http.ingest")).length > 0);
    expect(JSON.stringify(await auditRows("http.ingest"))).not.toMatch(new RegExp(`${secret}|${wrong}`));
  });

  it("refuses an invalid URL and a user name with control characters", async () => {
    const socket = openSocket({ port: platform.broker.wsPort!, host: "127.0.0.1" });
    socket.write("GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString("latin1")).toMatch(/^HTTP\/1.1 400 /);
    expect(await status("osmand?id=phone-1", basic("no\0body", secret))).toBe(401);
    const added = basic("phone-9", await addDevice(platform.pool, "phone-9"));
    expect(await status("native?id=phone-9&kind=gps", added, "[]")).toBe(200);
  });

  it("answers a stranger before it reads a body, and keeps secrets of a query out of the journal", async () => {
    const unfinished = openSocket({ port: platform.broker.wsPort!, host: "127.0.0.1" });
    unfinished.write(
      "POST /ingest/osmand?id=phone-1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    );
    const [answer] = (await once(unfinished, "data")) as [Buffer];
    expect(answer.toString("latin1")).toMatch(/^HTTP\/1.1 401 /);
    unfinished.destroy();
    const query = `id=phone-1&lat=48.2&password=${secret}&lon=11.6&api_key=x`;
    expect(await status(`osmand?${query}`, basic("phone-1", secret))).toBe(200);
    expect((await platform.journalled()).at(-1)!.payload.toString()).toBe("id=phone-1&lat=48.2&lon=11.6");
  });

  it("answers 503 while the journal refuses messages, and stores nothing", async () => {
    isFull = true;
    const answer = await ingest("osmand?id=phone-1&lat=1&lon=2", basic("phone-1", secret));
    isFull = false;
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).not.toBeNull();
    expect(await status("osmand?id=phone-1&lat=1&lon=2", basic("phone-1", secret))).toBe(200);
  });

  it("limits a device's rate by delaying its requests", async () => {
    const who = basic("phone-3", await addDevice(platform.pool, "phone-3"));
    await eventually(async () => (await status("native?id=phone-3&kind=gps", who, "[]")) === 200);
    const from = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => status("native?id=phone-3&kind=gps", who, "[]")),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(performance.now() - from).toBeGreaterThan(800);
  });
});

describe("new devices", () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startPlatform({ webSocket, connectsPerMinute: 1000 });
    await platform.pool.query(
      "INSERT INTO device_profiles (name, key_sha256, kind, quota) VALUES ('trucks', $1, 'gps', 2)",
      [createHash("sha256").update("factory key").digest()],
    );
  });
  afterAll(() => platform?.close());

  const provision = async (body: unknown) => {
    const answer = await fetch(`http://127.0.0.1:${platform.broker.wsPort}/provision`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const answered = (await answer.json()) as { id: string; secret: string; state: string };
    return { status: answer.status, body: answered, requestId: answer.headers.get("X-Request-Id") };
  };
  const truck = (id: string) => ({ profile_key: "factory key", id, kind: "gps" });

  it("register with their profile's key, wait for approval, and then connect", async () => {
    const { status, body } = await provision(truck("truck-1"));
    expect(status).toBe(201);
    expect(body).toMatchObject({ id: "truck-1", state: "pending" });
    const connect = () =>
      connectAsync(
        `mqtt://127.0.0.1:${platform.port}`,
        { clientId: "truck-1", username: "truck-1", password: body.secret, reconnectPeriod: 0 },
        false,
      );
    await expect(connect()).rejects.toThrow();
    await platform.pool.query("UPDATE devices SET state = 'active' WHERE id = 'truck-1'");
    const client = await eventually(() => connect().catch(() => false as const));
    await client.publishAsync("devices/truck-1/gps", "{}", { qos: 1 });
    await client.endAsync();
    const { rows } = await platform.pool.query("SELECT outcome FROM audit WHERE action = 'device.provision'");
    expect(rows).toEqual([{ outcome: "done" }]);
  });

  it("are refused with a wrong key, an id in use, another kind, beyond the quota, or with unknown fields", async () => {
    expect((await provision({ ...truck("truck-2"), profile_key: "guess" })).status).toBe(401);
    expect((await provision(truck("truck-1"))).status).toBe(409);
    expect((await provision({ ...truck("truck-2"), kind: "scale" })).status).toBe(403);
    const unknown = await provision({ ...truck("truck-2"), admin: true });
    expect(unknown).toMatchObject({ status: 400, body: { errors: [{ pointer: "/admin" }] } });
    const { requestId, ...refused } = await provision(truck("a/b"));
    expect(refused).toMatchObject({ status: 400, body: { status: 400, requestId, errors: [{ pointer: "/id" }] } });
    expect(requestId).toMatch(/^[\da-f-]{36}$/);
    expect((await provision(truck("truck-1"))).body).toMatchObject({
      detail: "there is already a device truck-1",
      errors: [],
    });
    expect((await provision({ ...truck("truck-2"), name: "no\0name" })).status).toBe(400);
    expect((await provision(truck("truck-2"))).status).toBe(201);
    expect((await provision(truck("truck-3"))).status).toBe(403);
    const { rows } = await platform.pool.query("SELECT used FROM device_profiles");
    expect(rows).toEqual([{ used: 2 }]);
  });
});

const openssl = requires("openssl");

describe.skipIf(!openssl)("new devices by certificate", () => {
  it("are pending if a profile allows certificates, and unknown otherwise", async () => {
    const authority = await createAuthority(openssl!, "factory");
    const { certFile, keyFile } = await authority.issue("localhost");
    const platform = await startPlatform({
      mqtts: { host: "127.0.0.1", port: 0 },
      tls: { certFile, keyFile, clientCaFile: authority.caFile, crlFile: undefined },
    });
    try {
      const { cert, key } = await authority.issue("probe-9");
      const options = { cert, key, rejectUnauthorized: false, clientId: "probe-9", reconnectPeriod: 0 };
      const connect = () => connectAsync(`mqtts://127.0.0.1:${platform.broker.tlsPort}`, options, false);
      const state = async () => (await platform.pool.query("SELECT state, kind FROM devices")).rows as unknown;
      await expect(connect()).rejects.toThrow(/not authorized/i);
      expect(await state()).toEqual([]);
      await platform.pool.query(
        "INSERT INTO device_profiles (name, key_sha256, kind, quota, certificates) VALUES ('probes', '\\x00', 'env', 1, true)",
      );
      await expect(connect()).rejects.toThrow(/not authorized/i);
      expect(await state()).toEqual([{ state: "pending", kind: "env" }]);
      await platform.pool.query("UPDATE devices SET state = 'active'");
      await (await eventually(() => connect().catch(() => false as const))).endAsync();
    } finally {
      await platform.close();
      await authority.remove();
    }
  });
});
