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
/** Some ids contain quotes, which InfluxQL strings must escape. */
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
  let queries = 0;
  let counting: InfluxClient;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "waystock-many-"));
    await chmod(directory, 0o755);
    influxd = await startInfluxd((await findInfluxd())!, directory, quiet);
    influx = await connectInflux({ url: influxd.url, api: "auto", bucket: "many" });
    counting = {
      write: (lines) => influx.write(lines),
      query(influxQl) {
        queries += 1;
        return influx.query(influxQl);
      },
    };
    await openInfluxSeries(counting).write([...ofAll(0, 0), ...ofAll(10, 10)]);
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

  test("after a start one query looks up 200 devices; then none does while their readings are new", async () => {
    const store = openInfluxSeries(counting);
    queries = 0;
    expect(await store.write(ofAll(20, 20))).toEqual([]);
    expect(queries).toBe(Math.ceil(DEVICES / 200));
    expect(await store.write(ofAll(30, 30))).toEqual([]);
    expect(queries).toBe(Math.ceil(DEVICES / 200));
  });

  test("readings that repeat or contradict stored ones are looked up together, and of each identity the first stays", async () => {
    const store = openInfluxSeries(counting);
    queries = 0;
    // Contradictions, repeats, and new readings between, before and after; one is an hour older.
    const all = [...ofAll(10, 99), ...ofAll(20, 20), ...ofAll(5, 5), ...ofAll(40, 40), reading(7, -3600, 1)];
    await store.write([...all, ...ofAll(40, 99)]);
    expect(queries).toBeLessThanOrEqual(2 * Math.ceil(DEVICES / 200) + 2);
    const truth = [0, 5, 10, 20, 30, 40].map((second) => [second, second]);
    const found = await stored();
    expect(found.size).toBe(DEVICES);
    for (let device = 0; device < DEVICES; device += 1) {
      expect(found.get(nameOf(device))).toEqual(device === 7 ? [[-3600, 1], ...truth] : truth);
    }
  });
});
