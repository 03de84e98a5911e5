import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openInfluxSeries } from "../../../api/resources/readings/series-influx.ts";
import { AFTER_ALL, BEFORE_ALL, type SeriesQuery } from "../../../api/resources/readings/series.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../../infra/influx/influxd.ts";
import { connectLazily } from "../../../infra/influx/lazy-connection.ts";
import { createReading } from "../../../ingest/pipeline/reading.ts";
import { lineOf } from "../../../ingest/stores/influx/line-protocol.ts";
import { rowsOfFixes } from "../../support/fixes.ts";
import { requires } from "../../support/requires.ts";

const T = Date.parse("2014-05-01T08:00:00.123Z");
const HOUR = Date.parse("2014-05-01T08:00:00Z");

describe.skipIf(requires("influxd") === undefined)("reading from a real InfluxDB", () => {
  let directory: string;
  let influxd: Influxd;
  const from = { message: { receivedAt: T + 5 }, source: "" };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "waystock-influx-"));
    influxd = await startInfluxd((await findInfluxd())!, directory, pino({ level: "silent" }));
    const lines = [
      createReading("scale", { ts: T, grams: 1, stable: true }, "scale:1", from, 0),
      createReading("scale", { ts: T, seq: 7, grams: 2, stable: false }, "scale:1", from, 0),
      createReading("scale", { ts: T + 1, seq: 8, grams: 6 }, "scale:1", from, 0),
      createReading("scale", { ts: T, grams: 99 }, "other", from, 0),
      createReading("gps", { ts: T, lat: 48.1, lon: 11.5 }, "truck", from, 0),
      createReading("gps", { ts: T + 9, seq: 3, lat: 48.2, lon: 11.6, speed: 0 }, "truck", from, 0),
    ].map(lineOf);
    const post = (path: string, body?: string) =>
      fetch(`${influxd.url}${path}`, { method: "POST", ...(body !== undefined && { body }) });
    // A server that has just started may answer before it can create a database.
    await vi.waitFor(
      async () => {
        await post(`/query?q=${encodeURIComponent('CREATE DATABASE "series"')}`);
        expect((await post("/write?db=series", lines.join("\n"))).status).toBe(204);
      },
      { timeout: 20_000, interval: 100 },
    );
  });
  afterAll(async () => {
    await influxd?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const series = () => openInfluxSeries(connectLazily({ url: influxd.url, api: "auto", bucket: "series" }).query);
  const query: SeriesQuery = { deviceId: "scale:1", kind: "scale", from: null, to: null, after: null, limit: 10 };
  const grams = async (part: Partial<SeriesQuery>): Promise<unknown[]> =>
    (await series().readings({ ...query, ...part })).map(({ values }) => values.grams);

  test("readings keep their time, counter and values", async () => {
    expect(await series().readings(query)).toEqual([
      { ts: T, seq: -1, receivedAt: T + 5, values: { grams: 1, stable: true } },
      { ts: T, seq: 7, receivedAt: T + 5, values: { grams: 2, stable: false } },
      { ts: T + 1, seq: 8, receivedAt: T + 5, values: { grams: 6 } },
    ]);
  });

  test("from is inclusive, to is exclusive, and a page continues after its last reading", async () => {
    expect(await grams({ from: T, to: T + 1 })).toEqual([1, 2]);
    expect(await grams({ from: T + 1 })).toEqual([6]);
    expect(await grams({ after: { ts: T, seq: -1 } })).toEqual([2, 6]);
    expect(await grams({ after: { ts: T, seq: 7 } })).toEqual([6]);
    expect(await grams({ after: { ts: T, seq: BEFORE_ALL } })).toEqual([1, 2, 6]);
    expect(await grams({ after: { ts: T, seq: AFTER_ALL } })).toEqual([6]);
    expect(await grams({ limit: 2 })).toEqual([1, 2]);
    expect(await grams({ deviceId: "nobody' OR 'a'='a" })).toEqual([]);
  });

  test("fixes have time, counter, position and speed", async () => {
    const track = { deviceId: "truck", from: T, to: null, after: null, limit: 10 };
    const read = async (wanted: Partial<SeriesQuery>) => rowsOfFixes(await series().fixes({ ...track, ...wanted }));
    const fixes = await read({});
    expect(fixes).toEqual([
      { ts: T, seq: -1, lat: 48.1, lon: 11.5, speed: null },
      { ts: T + 9, seq: 3, lat: 48.2, lon: 11.6, speed: 0 },
    ]);
    expect(await read({ after: fixes[0]!, limit: 1 })).toEqual([fixes[1]]);
    expect(await read({ deviceId: "nobody" })).toEqual([]);
  });

  test("hours have mean, minimum and maximum", async () => {
    expect(await series().hours(query)).toEqual([
      { hour: HOUR, count: 3, values: { grams: { mean: 3, min: 1, max: 6 } } },
    ]);
  });

  test("an unreachable InfluxDB answers 503 with Retry-After", async () => {
    const unreachable = openInfluxSeries(
      connectLazily({ url: "http://127.0.0.1:9", api: "auto", bucket: "series" }).query,
    );
    await expect(unreachable.readings(query)).rejects.toMatchObject({ status: 503, headers: { "Retry-After": "5" } });
  });
});
