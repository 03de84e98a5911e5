import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectInflux, type InfluxConnection } from "../../infra/influx/connection.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../infra/influx/influxd.ts";
import { type FaultRig, startFaultRig } from "../support/fault-rig.ts";
import { quiet } from "../support/ingest.ts";
import { requires } from "../support/requires.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { type DayMessage, createSampleDay } from "../support/sample-day.ts";
import { worldIn } from "../support/world.ts";

const long = process.env.LONG === "1";
const AWAY_MS = long ? 60_000 : 1_500;
const HOURS = long ? 24 : 1;
/** A tracker and a shelf in the series store, a gate and a scanner only in Postgres. */
const IN_SERIES = /\/(gps|scale)$/;

describe.skipIf(requires("influxd") === undefined)(
  "a store that is away stops neither devices nor the other",
  () => {
    let folder: string;
    let influxd: Influxd;
    let influx: InfluxConnection;
    let network: TcpProxy;
    let rig: FaultRig;
    let stretches: DayMessage[][];
    let sent = 0;
    let inSeries = 0;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "waystock-series-"));
      await chmod(folder, 0o755);
      influxd = await startInfluxd((await findInfluxd())!, folder, quiet);
      network = await startTcpProxy({ host: "127.0.0.1", port: Number(new URL(influxd.url).port) });
      rig = await startFaultRig({ environment: { INFLUX_URL: `http://127.0.0.1:${network.port}` } });
      influx = await connectInflux({ url: influxd.url, api: "auto", bucket: "waystock" });
      const start = Date.parse("2026-03-01T06:00:00Z");
      const { messages } = await createSampleDay(worldIn(rig.pool), { name: 1, seed: 1, start, hours: HOURS });
      const size = Math.ceil(messages.length / 5);
      stretches = [0, 1, 2, 3, 4].map((i) => messages.slice(i * size, (i + 1) * size));
    }, 60_000);
    afterAll(async () => {
      await rig.close();
      await network.close();
      await influxd.close();
      await rm(folder, { recursive: true, force: true });
    }, 60_000);

    /** Publishes the next stretch; every message of it must be acknowledged whatever is away. */
    async function publishNext(): Promise<void> {
      const stretch = stretches.shift()!;
      await rig.publish(stretch, { perSecond: stretch.length / (AWAY_MS / 1000) });
      sent += stretch.length;
      inSeries += stretch.filter(({ topic }) => IN_SERIES.test(topic)).length;
      expect(rig.acknowledged()).toBe(sent);
    }

    const points = async () =>
      Number((await influx.query('SELECT count("received_at") FROM "readings"'))[0]?.values[0]?.[1] ?? 0);
    const state = async () =>
      (await rig.pool.query<{ stored: number }>("SELECT coalesce(sum(stored), 0)::int AS stored FROM device_states"))
        .rows[0]!.stored;

    test("Postgres away: the series goes on, and the state catches up", async () => {
      // The first readings make the devices known to both.
      const first = stretches[0]!.slice(0, 40);
      await rig.publish(first);
      await rig.stored(40, 10_000);
      stretches[0] = stretches[0]!.slice(40);
      sent += 40;
      inSeries += first.filter(({ topic }) => IN_SERIES.test(topic)).length;
      rig.postgres.down();
      await publishNext();
      await expect.poll(points, { timeout: 10_000 }).toBe(inSeries);
      expect(await state()).toBe(40);
      rig.postgres.up();
      await rig.stored(sent, 15_000);
    });

    test.each([
      ["away", () => network.down(), () => network.up()],
      ["refusing (401)", () => network.answerWith(401), () => network.answerWith(undefined)],
      ["failing (503)", () => network.answerWith(503), () => network.answerWith(undefined)],
    ])("InfluxDB %s: the state goes on, and the series catches up", async (_, fault, recover) => {
      const before = await points();
      fault();
      await publishNext();
      await expect.poll(state, { timeout: 10_000 }).toBe(sent);
      expect(await points()).toBe(before);
      recover();
      await expect.poll(points, { timeout: 15_000 }).toBe(inSeries);
      await rig.stored(sent, 15_000);
    });

    test("InfluxDB slow (2 s an answer): the state goes on, and the series keeps up", async () => {
      network.answerAfter(2_000);
      await publishNext();
      await expect.poll(state).toBe(sent);
      await expect.poll(points, { timeout: 20_000 }).toBe(inSeries);
      network.answerAfter(0);
      await sleep(0);
      await rig.stored(sent, 15_000);
    });
  },
  long ? 180_000 : 60_000,
);
