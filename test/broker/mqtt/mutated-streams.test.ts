import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Launched } from "../../support/launched.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";
import { addDevice, eventually, readJournal } from "../platform.ts";
import { connectPacket, connectRaw, publishPacket, type RawClient } from "../raw-client.ts";

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

/** limit for other clients; the short run shares the processor with many tests, so its limit is looser */
const MAX_PUBACK_MS = IS_LONG ? 250 : 2000;
const MAX_GROWTH_BYTES = 50e6;

// The broker is a separate process, as in production, so that the test's own load does not count.
describe.skipIf(process.platform !== "linux")(`${STREAMS} mutated packet streams`, () => {
  let database: TestDatabase;
  let folder: string;
  let broker: Launched;
  let port: number;
  let bystander: RawClient;
  let published = 0;

  beforeAll(async () => {
    database = await createDatabase();
    folder = await mkdtemp(join(tmpdir(), "waystock-mutants-"));
    const password = await addDevice(database.pool, "bystander", 0);
    const listeners = { MQTT_PORT: "0", MQTT_WS_PORT: "", MQTT_ANONYMOUS: "loopback" };
    broker = new Launched("broker", { DATA_DIR: folder, DATABASE_URL: database.url, ...listeners });
    port = Number((await broker.says(/"port":(\d+)[^}]*MQTT listens/))[1]);
    const who = { clientId: "bystander", username: "bystander", password };
    const { client, returnCode } = await connectRaw(port, who);
    expect(returnCode).toBe(0);
    bystander = client;
  }, 60_000);
  afterAll(async () => {
    if (broker && !broker.hasEnded) {
      process.kill(broker.pid, "SIGTERM");
      await broker.ends();
    }
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function send(seed: number): Promise<void> {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", () => undefined);
    socket.resume();
    socket.end(mutatedStream(seed));
    await once(socket, "close");
  }

  /** @returns milliseconds to the PUBACK */
  async function publish(): Promise<number> {
    const sentAt = performance.now();
    const messageId = (published++ % 60_000) + 1;
    bystander.send(publishPacket("devices/bystander/gps", "{}", 1, messageId));
    expect(await bystander.next("puback", 20_000)).toMatchObject({ messageId });
    return performance.now() - sentAt;
  }

  it(
    "neither end the broker, nor leave connections open, nor delay other clients",
    { timeout: 60_000 + STREAMS * 10 },
    async () => {
      for (let n = 0; n < 20; n++) await publish();
      const before = await broker.residentBytes();
      const filesBefore = await broker.openFiles();
      let largest = before;
      let slowestMs = 0;
      let seed = 0;
      let running = true;
      const sending = Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          while (seed < STREAMS) await send(seed++);
        }),
      ).finally(() => (running = false));
      do {
        slowestMs = Math.max(slowestMs, await publish());
        largest = Math.max(largest, await broker.residentBytes());
        await new Promise((resolve) => setTimeout(resolve, 50));
        // oxlint-disable-next-line eslint/no-unmodified-loop-condition -- set when all streams are sent
      } while (running);
      await sending;
      // Growth is measured after the garbage of connecting has been collected.
      const hasSettled = async (): Promise<boolean> => (await broker.residentBytes()) - before < MAX_GROWTH_BYTES;
      await eventually(hasSettled, 30_000).catch(() => undefined);
      const after = await broker.residentBytes();
      const [mb, ms] = [
        [before, largest, after].map((bytes) => Math.round(bytes / 1e6)).join(", "),
        slowestMs.toFixed(0),
      ];
      console.log(`${STREAMS} streams: ${mb} MB before, at most, after; the slowest of ${published} PUBACKs ${ms} ms`);
      expect.soft(slowestMs).toBeLessThan(MAX_PUBACK_MS);
      expect.soft(after - before).toBeLessThan(MAX_GROWTH_BYTES);
      expect(broker.hasEnded).toBe(false);
      // The pool of Postgres connections may have grown.
      await eventually(async () => (await broker.openFiles()) <= filesBefore + 4, 20_000);
      // pino levels error (50) and fatal (60): uncaught and unexpected errors.
      expect(broker.lines.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
      const stored = await readJournal(join(folder, "journal"));
      expect(stored).toHaveLength(published);
      expect(stored.every(({ clientId }) => clientId === "bystander")).toBe(true);
    },
  );
});
