import { once } from "node:events";
import { Duplex } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MqttConnection } from "../../../broker/mqtt/connection.ts";
import type { JournalWriter } from "../../../broker/journal/journal.ts";
import { Backpressure } from "../../../broker/uplink/backpressure.ts";
import { addDevice, eventually, sha256, startPlatform, type TestPlatform } from "../platform.ts";
import { connectPacket, connectRaw, openRaw, publishPacket, type RawClient } from "../raw-client.ts";

/** Readings bypass Aedes and everything else does not. The client still sees one stream in order. */
describe("a connection with the telemetry fast path", () => {
  let platform: TestPlatform;
  let held: Array<() => void> | undefined;
  let secret: string;
  let client: RawClient;

  const holding = (inner: JournalWriter): JournalWriter =>
    Object.assign(Object.create(inner) as JournalWriter, {
      append: (...[message, done]: Parameters<JournalWriter["append"]>) =>
        inner.append(message, (error) => (held ? held.push(() => done(error)) : done(error))),
      pending: () => inner.pending(),
      size: () => inner.size(),
    });
  const release = (): void => {
    const answers = held ?? [];
    held = undefined;
    for (const answer of answers) answer();
  };
  const join = (clientId: string, password: string): Promise<RawClient> =>
    eventually(async () => {
      const joined = await connectRaw(platform.port, { clientId, username: clientId, password });
      return joined.returnCode === 0 && joined.client;
    });

  beforeAll(async () => {
    platform = await startPlatform({ connectsPerMinute: 1000 }, holding);
    secret = await addDevice(platform.pool, "truck", 0);
    await platform.pool.query("INSERT INTO service_accounts (id, secret_sha256, filters) VALUES ($1, $2, $3)", [
      "gateway",
      sha256("gateway's"),
      JSON.stringify({ publish: ["devices/+/gps", "site/#"], subscribe: ["site/#"] }),
    ]);
    client = await join("gateway", "gateway's");
  });
  afterAll(() => platform?.close());

  const publish = (topic: string, id: number): Buffer => publishPacket(topic, `{"n":${id}}`, 1, id);
  const answers = ({ received }: RawClient, cmd: string) =>
    received.filter((packet) => packet.cmd === cmd).map(({ messageId }) => messageId);

  it("gets its PUBACKs in order of receipt, readings and ordinary topics mixed, however they arrive", async () => {
    const ids = Array.from({ length: 600 }, (_, index) => index + 1);
    const bytes = Buffer.concat(
      ids.map((id) => publish(id % 3 === 0 ? "site/door" : `devices/truck-${id % 7}/gps`, id)),
    );
    for (let at = 0; at < bytes.length; at += 1111) client.send(bytes.subarray(at, at + 1111));
    await eventually(() => answers(client, "puback").length === ids.length, 10_000);
    expect(answers(client, "puback")).toEqual(ids);
    const stored = await platform.journalled();
    expect(stored.map(({ payload }) => JSON.parse(String(payload)).n)).toEqual(ids.filter((id) => id % 3 !== 0));
    expect(new Set(stored.map(({ clientId }) => clientId))).toEqual(new Set(["gateway"]));
  });

  it("acknowledges an ordinary publish after the reading before it, which waits for the disk", async () => {
    client.received.length = 0;
    held = [];
    client.send(
      Buffer.concat([publish("devices/truck/gps", 1), publish("site/door", 2), publish("devices/truck/gps", 3)]),
    );
    await eventually(() => held?.length === 2);
    client.send({ cmd: "pingreq" });
    await eventually(() => client.received.some(({ cmd }) => cmd === "pingresp"));
    expect(answers(client, "puback")).toEqual([]);
    release();
    await eventually(() => answers(client, "puback").length === 3);
    expect(answers(client, "puback")).toEqual([1, 2, 3]);
  });

  it("gets the PUBACKs of the readings it sent before DISCONNECT", async () => {
    const leaving = await join("truck", secret);
    held = [];
    leaving.send(Buffer.concat([publish("devices/truck/gps", 1), publish("devices/truck/gps", 2)]));
    leaving.send({ cmd: "disconnect" });
    await eventually(() => held?.length === 2);
    release();
    await leaving.closed(10_000);
    expect(answers(leaving, "puback")).toEqual([1, 2]);
  });

  it("may send readings right after CONNECT, before CONNACK", async () => {
    const eager = openRaw(platform.port);
    eager.send(
      Buffer.concat([
        connectPacket({ clientId: "truck", username: "truck", password: secret }),
        ...[1, 2, 3].map((id) => publish("devices/truck/gps", id)),
      ]),
    );
    await eventually(() => answers(eager, "puback").length === 3);
    expect(eager.received[0]).toMatchObject({ cmd: "connack", returnCode: 0 });
    expect(answers(eager, "puback")).toEqual([1, 2, 3]);
    eager.destroy();
  });

  it("is closed for a topic of another device", async () => {
    const stray = await join("truck", secret);
    stray.send(Buffer.concat([publish("devices/truck/gps", 1), publish("devices/other/gps", 2)]));
    await stray.closed(10_000);
    expect(answers(stray, "puback")).not.toContain(2);
  });
});

it("a client that reads none of its PUBACKs is no longer read, and then disconnected", async () => {
  let unread = 0;
  const transport = new Duplex({
    read: () => undefined,
    // As with full kernel buffers, written bytes go nowhere.
    write: (chunk: Buffer) => void (unread += chunk.length),
  });
  const options = {
    maxPayloadBytes: 1024,
    connectTimeoutMs: 60_000,
    drainTimeoutMs: 300,
    backpressure: new Backpressure(),
  };
  const connection = new MqttConnection(
    transport,
    { address: "::1", addressBlock: "::1", certificateName: undefined },
    options,
  );
  let taken = 0;
  connection.markAuthenticated(undefined, 128);
  connection.fastPath = {
    accepts: () => true,
    handle({ packetId }) {
      taken++;
      setImmediate(() => connection.publishStored(packetId));
    },
  };
  connection.markConnected();
  connection.on("readable", () => connection.read());
  const closed = once(connection, "close");
  const timeouts = setInterval(() => connection.checkTimeouts(performance.now()), 50);
  transport.push(connectPacket({ clientId: "frozen" }));
  const publishes = Buffer.concat(
    Array.from({ length: 1000 }, (_, n) => publishPacket("devices/frozen/gps", "{}", 1, n + 1)),
  );
  for (let round = 0; round < 20; round++) transport.push(publishes);
  await expect(closed).rejects.toThrow("does not read what is sent to it");
  clearInterval(timeouts);
  // 16 kB of PUBACKs in the stream, and those of the readings already in flight.
  expect(taken).toBeGreaterThan(1000);
  expect(taken).toBeLessThan(10_000);
  expect(unread).toBeLessThan(40_000);
});
