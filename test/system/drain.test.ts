import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Latencies } from "../../infra/bench/load/latencies.ts";
import { Publisher } from "../../infra/bench/load/publisher.ts";
import { runLoad } from "../../infra/bench/load/run.ts";
import { createWorld } from "../../infra/bench/world.ts";
import { connectInflux, type InfluxConnection } from "../../infra/influx/connection.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../infra/influx/influxd.ts";
import { type FaultRig, startFaultRig } from "../support/fault-rig.ts";
import { quiet } from "../support/ingest.ts";
import { requires } from "../support/requires.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const long = process.env.LONG === "1";
const RATE = long ? 5_000 : 250;
const AWAY_S = long ? 60 : 3;
/** Load goes on while the backlog drains; at the wanted speed 60 s of it are gone after 15 s. */
const AFTER_S = long ? 30 : 3;
const WANTED = 4 * RATE;
const MB = 1024 * 1024;
/** What waits is on disk: the second half of the outage takes what the first took; draining, what full speed takes. */
const MOST_GROWTH_AWAY = 100 * MB;
const MOST_WHILE_DRAINING = 640 * MB;

const PARTS = ["broker", "ingest"] as const;
type Part = (typeof PARTS)[number];
type Memory = Record<Part, number>;

interface Store {
  away(): void;
  back(): void;
  /** readings in it */
  stored(): Promise<number>;
}

describe.skipIf(requires("influxd") === undefined)(`a store that was away ${AWAY_S} s at ${RATE} readings/s`, () => {
  let folder: string;
  let influxd: Influxd;
  let influx: InfluxConnection;
  let network: TcpProxy;
  let rig: FaultRig;
  let publishers: Publisher[];
  const latencies = new Latencies();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "waystock-drain-"));
    await chmod(folder, 0o755);
    influxd = await startInfluxd((await findInfluxd())!, folder, quiet);
    network = await startTcpProxy({ host: "127.0.0.1", port: Number(new URL(influxd.url).port) });
    rig = await startFaultRig({ environment: { INFLUX_URL: `http://127.0.0.1:${network.port}` } });
    influx = await connectInflux({ url: influxd.url, api: "auto", bucket: "waystock" });
    const world = await createWorld(rig.pool, { trucks: 500, idleDevices: 0, load: async () => undefined });
    const address = { host: "127.0.0.1", port: rig.mqttPort, secret: world.secret, latencies };
    publishers = world.gateways.map(({ id, trucks }) => new Publisher({ ...address, clientId: id, senders: trucks }));
    await Promise.all(publishers.map((publisher) => publisher.open()));
    await runLoad(publishers, latencies, { seconds: 2, rate: RATE });
  }, 60_000);
  afterAll(async () => {
    await Promise.all(publishers.map((publisher) => publisher.close()));
    await rig.close();
    await network.close();
    await influxd.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const acknowledged = () => publishers.reduce((sum, publisher) => sum + publisher.acknowledged, 0);
  const memory = async (): Promise<Memory> => ({
    broker: await rig.residentBytes("broker"),
    ingest: await rig.residentBytes("ingest"),
  });
  const inPostgres = async () =>
    (await rig.pool.query<{ sum: number }>("SELECT coalesce(sum(stored), 0)::int AS sum FROM device_states")).rows[0]!
      .sum;
  const inInflux = async () =>
    Number((await influx.query('SELECT count("received_at") FROM "readings"'))[0]?.values[0]?.[1] ?? 0);

  test.each<[string, Store]>([
    ["Postgres", { away: () => rig.postgres.down(), back: () => rig.postgres.up(), stored: inPostgres }],
    ["InfluxDB", { away: () => network.down(), back: () => network.up(), stored: inInflux }],
  ])(
    "%s: devices keep their PUBACKs, the backlog drains at four times the rate, and memory stays flat",
    async (name, { away, back, stored }) => {
      await expect.poll(stored, { timeout: 60_000 }).toBe(acknowledged());
      const seen: Memory[] = [await memory()];
      const watching = setInterval(() => void memory().then((now) => seen.push(now)), 1_000);
      const most = (part: Part, from: number, to?: number) =>
        Math.max(...seen.slice(from, to).map((memory) => memory[part]));

      away();
      const met = await stored();
      const first = await runLoad(publishers, latencies, { seconds: AWAY_S, rate: RATE });
      expect(first.acknowledged).toBeGreaterThanOrEqual(RATE * AWAY_S - publishers.length);
      expect(await stored()).toBeLessThan(met + RATE * AWAY_S * 0.2);

      const from = await stored();
      const began = performance.now();
      const half = Math.ceil(seen.length / 2);
      const atReturn = seen.length;
      back();
      const second = runLoad(publishers, latencies, { seconds: AFTER_S, rate: RATE });
      let drained = from;
      while (acknowledged() - drained > RATE / 2) {
        // Asking costs the store, which has something else to do.
        await sleep(long ? 1_000 : 200);
        drained = await stored();
      }
      const perSecond = Math.round(((drained - from) * 1000) / (performance.now() - began));
      const { p99 } = await second;
      clearInterval(watching);
      await expect.poll(stored, { timeout: 120_000 }).toBe(acknowledged());

      const memories = PARTS.map((part) => {
        const each = [most(part, 0, 1), most(part, 0, half), most(part, half, atReturn), most(part, atReturn)];
        return `${part} ${each.map((bytes) => Math.round(bytes / MB)).join(", ")} MB`;
      });
      console.info(
        `${name}: ${drained - from} readings drained at ${perSecond}/s with ${RATE}/s coming in; PUBACK p99 ${Math.round(first.p99!)} ms ` +
          `while away, ${Math.round(p99!)} ms while draining; memory before, in the halves of the outage, draining: ${memories.join("; ")}`,
      );
      // Only the full size is a measurement: it wants the machine to itself.
      if (!long) return;
      expect(perSecond).toBeGreaterThanOrEqual(WANTED);
      for (const part of PARTS) {
        expect(most(part, half, atReturn) - most(part, 0, half)).toBeLessThan(MOST_GROWTH_AWAY);
        expect(most(part, atReturn)).toBeLessThan(MOST_WHILE_DRAINING);
      }
    },
    long ? 400_000 : 120_000,
  );
});
