import { expect } from "vitest";
import { addDevice, eventually } from "../broker/platform.ts";
import { connectRaw, publishPacket, type RawClient } from "../broker/raw-client.ts";
import { type BrokerProcess, brokerProcessTest } from "../support/broker-process.ts";

const IS_LONG = process.env.LONG === "1";
const WINDOW_MS = IS_LONG ? 5000 : 800;
const ROUNDS = IS_LONG ? 5 : 2;
const FLOOD_PER_S = 10_000;
/** limit for other devices; the long run also allows at most a fifth more than without the flood */
const P99_MS = 250;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;
const p99 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!;

const it = brokerProcessTest();

it(
  "one device at 10,000 messages a second does not delay the others; it is slowed and loses no message",
  async ({ broker }) => {
    const devices = [];
    for (let n = 0; n < 10; n++) devices.push({ id: `calm-${n}`, client: await join(broker, `calm-${n}`) });
    const loud = await join(broker, "flood");
    const [alone, beside]: [number[], number[]] = [[], []];
    let offered = 0;
    await latencies(devices);
    for (let round = 0; round < ROUNDS; round++) {
      alone.push(p99(await latencies(devices)));
      const stop = flood(loud);
      beside.push(p99(await latencies(devices)));
      offered += stop();
    }
    console.log(`PUBACK p99: ${median(alone).toFixed(1)} ms alone, ${median(beside).toFixed(1)} ms beside a flood`);
    expect(median(beside)).toBeLessThan(P99_MS);
    if (IS_LONG) expect(median(beside)).toBeLessThan(Math.max(median(alone) * 1.2, 1));
    // With 100/s and a burst of 200 far fewer are read than offered, and the connection stays open.
    const taken = (await broker.journalled()).filter(({ clientId }) => clientId === "flood").length;
    expect(offered).toBeGreaterThan(taken);
    expect(loud.socket.destroyed).toBe(false);
    for (const { client } of [...devices, { client: loud }]) client.destroy();
  },
  IS_LONG ? 120_000 : 20_000,
);

async function join({ pool, port }: BrokerProcess, id: string): Promise<RawClient> {
  const password = await addDevice(pool, id);
  return eventually(async () => {
    const { client, returnCode } = await connectRaw(port, { clientId: id, username: id, password });
    return returnCode === 0 && client;
  });
}

/** Each device publishes twenty times a second for one window. @returns milliseconds to each PUBACK */
async function latencies(devices: ReadonlyArray<{ id: string; client: RawClient }>): Promise<number[]> {
  const until = performance.now() + WINDOW_MS;
  const speak = async ({ id, client }: { id: string; client: RawClient }): Promise<number[]> => {
    const taken: number[] = [];
    for (let n = 1; performance.now() < until; n++) {
      const from = performance.now();
      client.send(publishPacket(`devices/${id}/gps`, '{"ts":1}', 1, n));
      await client.next("puback");
      taken.push(performance.now() - from);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return taken;
  };
  return (await Promise.all(devices.map(speak))).flat();
}

/** Offers 10,000 messages a second, however many are read. @returns a function that stops it */
function flood(client: RawClient): () => number {
  const packet = publishPacket("devices/flood/gps", '{"ts":1}', 0);
  const tick = Buffer.concat(Array.from({ length: FLOOD_PER_S / 100 }, () => packet));
  let offered = 0;
  const timer = setInterval(() => {
    // The socket fills up while the broker does not read. A device would wait too.
    if (client.socket.writableLength > 1024 * 1024) return;
    client.send(tick);
    offered += FLOOD_PER_S / 100;
  }, 10);
  return () => {
    clearInterval(timer);
    return offered;
  };
}
