import { writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "mqtt-packet";
import { describe, expect } from "vitest";
import { addDevice, eventually } from "../broker/platform.ts";
import { connectPacket, connectRaw, publishPacket, type RawClient } from "../broker/raw-client.ts";
import { type BrokerProcess, brokerProcessTest } from "../support/broker-process.ts";
import { bytesInFrames, openWebSocket } from "../support/websocket-frames.ts";

/** Guarantee 6. The broker, the bystander and the flood run in three processes. */
const MAX_PUBACK_MS = 250;
const MAX_GROWTH_BYTES = 50e6;
const FLOOD_BYTES = 64 * 1024 * 1024;
/** a flood that is held back stays in the sockets: its end is not awaited */
const FLOOD_MS = 5000;

const numbered = (packet: (messageId: number) => Buffer): Buffer =>
  Buffer.concat(Array.from({ length: 10_000 }, (_, n) => packet(n + 1)));
const acknowledgement = (cmd: "puback" | "pubrec" | "pubrel" | "pubcomp") =>
  numbered((messageId) => generate({ cmd, messageId }));
const filters = Array.from({ length: 500 }, (_, n) => ({ topic: `t/${n}`, qos: 1 as const }));

/** by their names, the bytes that are sent again and again */
const FLOODS: ReadonlyArray<[string, Buffer]> = [
  ["PINGREQ", Buffer.alloc(64 * 1024, Buffer.from([0xc0, 0]))],
  ["UNSUBSCRIBE", numbered((messageId) => generate({ cmd: "unsubscribe", messageId, unsubscriptions: ["a"] }))],
  ["SUBSCRIBE", numbered((messageId) => generate({ cmd: "subscribe", messageId, subscriptions: filters.slice(0, 1) }))],
  ["SUBSCRIBE of 500 filters", generate({ cmd: "subscribe", messageId: 1, subscriptions: filters })],
  ["PUBREL", acknowledgement("pubrel")],
  ["PUBACK", acknowledgement("puback")],
  ["PUBREC", acknowledgement("pubrec")],
  ["PUBCOMP", acknowledgement("pubcomp")],
  ["QoS 2 PUBLISH with one packet id", numbered(() => publishPacket("devices/free-8/gps", "{}", 2, 1))],
];

const it = brokerProcessTest({ MQTT_ANONYMOUS: "loopback", MQTT_WS_PORT: "0" }).extend(
  "measure",
  ({ broker, bystander }) =>
    /** Holds the bystander's slowest PUBACK and the broker's memory against the limits while `flood` runs. */
    async (flood: () => Promise<unknown>): Promise<void> => {
      await bystander.report();
      await writeFile(`/proc/${broker.launched.pid}/clear_refs`, "5");
      const before = await broker.launched.residentBytes();
      await flood();
      // Two more PUBACKs: work that the flood has left behind counts as well.
      await sleep(100);
      const { slowestMs } = await bystander.report();
      const growth = (await broker.launched.peakResidentBytes()) - before;
      console.log(`slowest PUBACK ${slowestMs.toFixed(0)} ms, broker +${(growth / 1e6).toFixed(0)} MB`);
      expect(slowestMs).toBeLessThan(MAX_PUBACK_MS);
      expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    },
);

/** @param rateLimit messages a second; 0: no limit */
async function join({ pool, port }: BrokerProcess, id: string, rateLimit: number | null): Promise<RawClient> {
  const password = await addDevice(pool, id, rateLimit);
  return await eventually(async () => {
    const { client, returnCode } = await connectRaw(port, { clientId: id, username: id, password });
    return returnCode === 0 && client;
  });
}

/** Sends `bytes` again and again, as fast as the socket takes them, and reads nothing. */
async function pour(socket: Socket, bytes: Buffer): Promise<void> {
  socket.pause();
  const until = performance.now() + FLOOD_MS;
  for (let sent = 0; sent < FLOOD_BYTES && performance.now() < until && !socket.destroyed;) {
    if (socket.writableLength > 1024 * 1024) await sleep(2);
    else {
      socket.write(bytes);
      sent += bytes.length;
    }
  }
}

// A busy machine takes its time to start the broker, which is not what is measured.
const timeout = 60_000;

describe.skipIf(process.platform !== "linux")("a flood delays no other device and takes no memory", { timeout }, () => {
  it.for(FLOODS.map(([name, bytes], n) => [name, bytes, n] as const))(
    "64 MB of %s from a device without a rate limit, which reads no answer",
    async ([, bytes, n], { broker, measure }) => {
      const client = await join(broker, `free-${n}`, 0);
      await measure(() => pour(client.socket, bytes));
      client.destroy();
    },
  );

  it.for(FLOODS.slice(0, 2))(
    "64 MB of %s from a device with the usual rate limit",
    async ([name, bytes], { broker, measure }) => {
      const client = await join(broker, `usual-${name}`, null);
      await measure(() => pour(client.socket, bytes));
      expect(client.socket.destroyed).toBe(false);
      client.destroy();
    },
  );

  it("20 clients without credentials, each with 64 MB of PINGREQ", async ({ broker, measure }) => {
    const clients = await Promise.all(
      Array.from(
        { length: 20 },
        async (_, n) => (await connectRaw(broker.port, { clientId: `anonymous-${n}` })).client,
      ),
    );
    await measure(() => Promise.all(clients.map(({ socket }) => pour(socket, FLOODS[0]![1]))));
    for (const client of clients) client.destroy();
  });

  it("connections with a wrong secret, one after the other in 20 rows", async ({ broker, measure }) => {
    const until = performance.now() + FLOOD_MS;
    const row = async (_: unknown, n: number): Promise<void> => {
      for (let m = 0; performance.now() < until; m++) {
        const who = { clientId: `stranger-${n}-${m}`, username: `stranger-${n}-${m}`, password: "wrong" };
        const { client } = await connectRaw(broker.port, who);
        client.destroy();
      }
    };
    await measure(() => Promise.all(Array.from({ length: 20 }, row)));
  });

  it("one packet in segments of one byte, and in WebSocket frames of one byte", async ({ broker, measure }) => {
    const tcp = await join(broker, "bytewise", 0);
    const password = await addDevice(broker.pool, "framewise", 0);
    const webSocket = await openWebSocket(Number(await wsPort(broker)));
    webSocket.write(bytesInFrames(connectPacket({ clientId: "framewise", username: "framewise", password })));
    const packet = publishPacket("devices/bytewise/gps", Buffer.alloc(120_000), 1, 1);
    await measure(async () => {
      const until = performance.now() + FLOOD_MS;
      for (let at = 0; at < packet.length && performance.now() < until; at += 16) {
        for (const byte of packet.subarray(at, at + 16)) tcp.socket.write(Buffer.from([byte]));
        webSocket.write(bytesInFrames(packet.subarray(at, at + 16)));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    tcp.destroy();
    webSocket.destroy();
  });

  it("500 WebSockets with a frame of 1 MiB before their CONNECT", async ({ broker, measure }) => {
    const port = Number(await wsPort(broker));
    await measure(async () => {
      const sockets = await Promise.all(Array.from({ length: 500 }, () => openWebSocket(port)));
      const frame = bytesInFrames(Buffer.alloc(1024 * 1024), 1024 * 1024);
      const closed = sockets.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
      for (const socket of sockets) socket.write(frame.subarray(0, 200_000));
      await Promise.all(closed);
    });
  });

  it("messages at QoS 0 to a subscriber that never reads, in packets that arrive one by one", async ({
    broker,
    measure,
  }) => {
    const { client: frozen } = await connectRaw(broker.port, { clientId: "frozen" });
    frozen.send({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "flow/#", qos: 0 }] });
    await frozen.next("suback");
    frozen.socket.pause();
    const { client: sender } = await connectRaw(broker.port, { clientId: "sender" });
    const packet = publishPacket("flow/x", Buffer.alloc(10_000), 0);
    await measure(async () => {
      const until = performance.now() + FLOOD_MS;
      while (performance.now() < until) {
        if (sender.socket.writableLength < 1024 * 1024) sender.send(packet);
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    for (const client of [frozen, sender]) client.destroy();
  });
});

const wsPort = async ({ launched }: BrokerProcess): Promise<string> =>
  (await launched.says(/"port":(\d+)[^}]*WebSocket listens/))[1]!;
