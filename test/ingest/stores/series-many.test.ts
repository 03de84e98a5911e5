import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectInflux, type InfluxConnection } from "../../../infra/influx/connection.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../../infra/influx/influxd.ts";
import { type Reading, createReading } from "../../../ingest/pipeline/reading.ts";
import type { InfluxClient } from "../../../ingest/stores/influx/influx-client.ts";
import { openInfluxSeries } from "../../../ingest/stores/influx/series.ts";
import { quiet } from "../../support/ingest.ts";
import { requires } from "../../support/requires.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const DEVICES = 450;
/** Names in which InfluxQL's own signs must stay what they are. */
const nameOf = (i: number) => (i % 50 === 0 ? `it's "probe" ${i}` : `probe-${i}`);

function reading(device: number, second: number, celsius: number): Reading<"env"> {
  const ts = T + second * 1000;
  return createReading("env", { ts, celsius }, nameOf(device), { message: { receivedAt: ts }, source: "test" }, 0);
}
const ofAll = (second: number, celsius: number) =>
  Array.from({ length: DEVICES }, (_, device) => reading(device, second, celsius));

describe.skipIf(requires("influxd") === undefined)("many devices in a real InfluxDB", () => {
  let directory: string;
  let influxd: Influxd;
  let influx: InfluxConnection;
  let questions = 0;
  let port: InfluxClient;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "waystock-many-"));
    await chmod(directory, 0o755);
    influxd = await startInfluxd((await findInfluxd())!, directory, quiet);
    influx = await connectInflux({ url: influxd.url, api: "auto", bucket: "many" });
    port = {
      write: (lines) => influx.write(lines),
      query(influxQl) {
        questions += 1;
        return influx.query(influxQl);
      },
    };
    await openInfluxSeries(port).write([...ofAll(0, 0), ...ofAll(10, 10)]);
  }, 60_000);
  afterAll(async () => {
    await influxd?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const stored = async () => {
    const series = await influx.query(`SELECT "celsius" FROM "readings" GROUP BY "device"`);
    return new Map(
      series.map(({ tags, values }) => [
        tags!["device"],
        values.map(([ts, celsius]) => [(Number(ts) - T) / 1000, celsius]),
      ]),
    );
  };

  test("after a start one question is for 200 of them, and then none while their readings are new", async () => {
    const store = openInfluxSeries(port);
    questions = 0;
    expect(await store.write(ofAll(20, 20))).toEqual([]);
    expect(questions).toBe(Math.ceil(DEVICES / 200));
    expect(await store.write(ofAll(30, 30))).toEqual([]);
    expect(questions).toBe(Math.ceil(DEVICES / 200));
  });

  test("what is repeated or contradicted is looked for together, and of each device the first stays", async () => {
    const store = openInfluxSeries(port);
    questions = 0;
    // Contradictions, repeats, and what is new between, before and after; some from an hour earlier.
    const all = [...ofAll(10, 99), ...ofAll(20, 20), ...ofAll(5, 5), ...ofAll(40, 40), reading(7, -3600, 1)];
    await store.write([...all, ...ofAll(40, 99)]);
    expect(questions).toBeLessThanOrEqual(2 * Math.ceil(DEVICES / 200) + 2);
    const truth = [0, 5, 10, 20, 30, 40].map((second) => [second, second]);
    const found = await stored();
    expect(found.size).toBe(DEVICES);
    for (let device = 0; device < DEVICES; device += 1) {
      expect(found.get(nameOf(device))).toEqual(device === 7 ? [[-3600, 1], ...truth] : truth);
    }
  });
});
