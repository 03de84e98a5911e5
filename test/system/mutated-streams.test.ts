import { once } from "node:events";
import { connect } from "node:net";
import { generate } from "mqtt-packet";
import { describe, expect } from "vitest";
import { eventually } from "../broker/platform.ts";
import { connectPacket, publishPacket } from "../broker/raw-client.ts";
import { brokerProcessTest } from "../support/broker-process.ts";

const IS_LONG = process.env.LONG === "1";
const STREAMS = IS_LONG ? 100_000 : 2000;
const AT_ONCE = 20;

/** Mulberry32 random numbers: the same for the same seed, so that a failing stream can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const will = { topic: "wills/x", payload: Buffer.from("gone"), qos: 1 as const, retain: true };
const PACKETS = [
  publishPacket("a/b", "x", 0),
  publishPacket("a/b", "x", 1, 1),
  publishPacket("a/b", "x", 2, 2),
  publishPacket("devices/nobody/gps", "{}", 1, 3),
  generate({ cmd: "pubrel", messageId: 2 }),
  generate({ cmd: "puback", messageId: 9 }),
  generate({ cmd: "pubrec", messageId: 9 }),
  generate({ cmd: "pubcomp", messageId: 9 }),
  generate({
    cmd: "subscribe",
    messageId: 4,
    subscriptions: [
      { topic: "a/#", qos: 1 },
      { topic: "#", qos: 0 },
    ],
  }),
  generate({ cmd: "unsubscribe", messageId: 5, unsubscriptions: ["a/#"] }),
  generate({ cmd: "pingreq" }),
  generate({ cmd: "disconnect" }),
];

/** A plausible packet stream with a few bytes changed, removed, repeated or inserted. */
function mutatedStream(seed: number): Buffer {
  const random = randomFrom(seed);
  const hello = { clientId: `mutant-${random(50)}`, clean: random(2) === 0, ...(random(2) ? { will } : {}) };
  const packets = [connectPacket(hello)];
  for (let n = random(8); n >= 0; n--) packets.push(PACKETS[random(PACKETS.length)]!);
  let bytes = Buffer.concat(packets);
  for (let n = random(4); n >= 0; n--) {
    const at = random(bytes.length);
    const [before, after] = [bytes.subarray(0, at), bytes.subarray(at)];
    const change = random(4);
    if (change === 0) bytes[at] = random(256);
    else if (change === 1) bytes = Buffer.concat([before, after.subarray(random(5))]);
    else if (change === 2) bytes = Buffer.concat([before, after.subarray(0, random(9)), after]);
    else bytes = Buffer.concat([before, Buffer.from([random(256)]), after]);
  }
  return bytes;
}

/** Guarantee 6. The broker, the bystander and the senders run in three processes. */
const MAX_PUBACK_MS = 250;
const MAX_GROWTH_BYTES = 50e6;
const timeout = 60_000 + STREAMS * 10;

const it = brokerProcessTest({ MQTT_ANONYMOUS: "loopback" });

describe.skipIf(process.platform !== "linux")(`${STREAMS} mutated packet streams`, () => {
  async function send(port: number, seed: number): Promise<void> {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.resume();
    socket.end(mutatedStream(seed));
    await once(socket, "close");
  }

  it(
    "neither end the broker, nor leave connections open, nor delay other clients",
    { timeout },
    async ({ broker, bystander }) => {
      const { launched, port } = broker;
      await eventually(async () => (await bystander.report()).acknowledged >= 20);
      const before = await launched.residentBytes();
      const filesBefore = await launched.openFiles();
      let seed = 0;
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (seed < STREAMS) await send(port, seed++);
        }),
      );
      const atEnd = await launched.residentBytes();
      // Growth is measured after the garbage of connecting has been collected.
      const hasSettled = async (): Promise<boolean> => (await launched.residentBytes()) - before < MAX_GROWTH_BYTES;
      await eventually(hasSettled, 30_000).catch(() => undefined);
      const after = await launched.residentBytes();
      const { acknowledged, slowestMs } = await bystander.stop();
      const mb = [before, atEnd, after].map((bytes) => Math.round(bytes / 1e6)).join(", ");
      const ms = slowestMs.toFixed(0);
      console.log(
        `${STREAMS} streams: ${mb} MB before, at the end, after; slowest of ${acknowledged} PUBACKs ${ms} ms`,
      );
      expect.soft(slowestMs).toBeLessThan(MAX_PUBACK_MS);
      expect.soft(after - before).toBeLessThan(MAX_GROWTH_BYTES);
      expect(launched.hasEnded).toBe(false);
      // The pool of Postgres connections may have grown.
      await eventually(async () => (await launched.openFiles()) <= filesBefore + 4, 20_000);
      // pino levels error (50) and fatal (60): uncaught and unexpected errors.
      expect(launched.lines.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
      const stored = await broker.journalled();
      expect(stored).toHaveLength(acknowledged);
      expect(stored.every(({ clientId }) => clientId === "bystander")).toBe(true);
    },
  );
});
