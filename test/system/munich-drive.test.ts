import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { distanceM } from "../../ingest/domain/geo/geofence.ts";
import { findInfluxd, type Influxd, startInfluxd } from "../../infra/influx/influxd.ts";
import { samplePath } from "../fixtures/sample-data.ts";
import { quiet } from "../support/ingest.ts";
import { startPlatform, type TestPlatform } from "../support/platform.ts";
import { requires } from "../support/requires.ts";

/** A real drive of 2014, recorded at 1 Hz with the offset +0200. */
const FILE = samplePath("munich-drive/munich-drive.json");
const influxdPath = requires("influxd");

interface Fix {
  ts: string;
  lat: number;
  lon: number;
}

describe.each(["Postgres", "InfluxDB"])("a recorded drive, series in %s", (store) => {
  let platform: TestPlatform;
  let influxd: Influxd | undefined;
  let influxDirectory: string;

  beforeAll(async () => {
    influxDirectory = await mkdtemp(join(tmpdir(), "waystock-influx-"));
    if (store === "InfluxDB" && influxdPath)
      influxd = await startInfluxd((await findInfluxd())!, influxDirectory, quiet);
    platform = await startPlatform({ environment: influxd ? { INFLUX_URL: influxd.url } : {} });
  }, 60_000);
  afterAll(async () => {
    await platform?.close();
    await influxd?.close();
    await rm(influxDirectory, { recursive: true, force: true });
  });

  test.skipIf(store === "InfluxDB" && !influxdPath)(
    "moves a shipment from storage to its destination, once",
    async () => {
      const fixes = JSON.parse(readFileSync(FILE, "utf8")) as Recorded[];
      const first = fixes[0]!;
      const last = fixes.at(-1)!;
      const { call } = platform;
      const origin = await call<{ id: number }>("POST", "/locations", {
        name: "Origin",
        stage: "storage",
        geofence: placeOf(first),
      });
      const shop = await call<{ id: number }>("POST", "/locations", {
        name: "Shop",
        stage: "delivery",
        geofence: placeOf(last),
      });
      const vehicle = await call<{ id: number }>("POST", "/vehicles", { name: "BMW", plate: "M-WS 2014" });
      const device = await call<{ id: string; secret: string }>("POST", "/devices", {
        id: "bmw-gps",
        kind: "gps",
        mount: { vehicle_id: vehicle.id },
      });
      const shipment = await call<{ id: number; status: string }>("POST", "/shipments", {
        product_name: "Brake discs",
        quantity: 12,
        location: origin.id,
        destination_id: shop.id,
        at: "2014-09-10T04:00:00Z",
      });
      await call("POST", `/shipments/${shipment.id}/load`, { vehicle_id: vehicle.id, at: "2014-09-10T04:10:00Z" });
      const status = async () => (await call<{ status: string }>("GET", `/shipments/${shipment.id}`)).status;
      expect(await status()).toBe("in_storage");

      await replay(platform, device);
      await expect.poll(status, { timeout: 10_000 }).toBe("arrived");
      const events = await call<{ status: string }[]>("GET", `/shipments/${shipment.id}/events`);
      const statuses = events.map((event) => event.status).filter((each, i, all) => each !== all[i - 1]);
      expect(statuses).toEqual(["in_storage", "out_for_delivery", "arrived"]);

      // The series store follows at its own pace.
      const readings = () => readAll(platform, `/devices/${device.id}/readings?kind=gps&limit=200`);
      await expect.poll(async () => (await readings()).length, { timeout: 10_000 }).toBe(1194);
      const stored = await readings();
      expect(stored[0]!.ts).toBe(new Date(timeOf(first)).toISOString());
      const length = stored.slice(1).reduce((sum, fix, i) => sum + distanceM(stored[i]!, fix), 0);
      expect(Math.abs(length - 13_647)).toBeLessThan(13.647);

      // Its estimate is made at a time of its own.
      const withoutEta = async () => {
        const { eta: _, ...shown } = await call("GET", `/shipments/${shipment.id}`);
        return shown;
      };
      const before = await withoutEta();
      await replay(platform, device);
      await expect
        .poll(() => call("GET", `/devices/${device.id}/quality`), { timeout: 10_000 })
        .toMatchObject({ received: 2388, stored: 1194, duplicate: 1194, quarantined: 0 });
      expect(await withoutEta()).toEqual(before);
      expect(await call("GET", `/shipments/${shipment.id}/events`)).toEqual(events);
      expect((await readings()).length).toBe(1194);
    },
    60_000,
  );
});

/** The file's own shape: `POINT(lon lat)`, and a time with the offset +0200. */
interface Recorded {
  point: string;
  time: string;
}

function placeOf({ point }: Recorded): { lat: number; lon: number; radius_m: number } {
  const [lon, lat] = point.match(/-?\d+\.\d+/g)!.map(Number) as [number, number];
  return { lat, lon, radius_m: 150 };
}

function timeOf({ time }: Recorded): number {
  return Date.parse(time.replace(" ", "T").replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
}

async function replay({ mqtt }: TestPlatform, { id, secret }: { id: string; secret: string }): Promise<void> {
  const options = ["--replay", FILE, "--speed", "max", "--url", mqtt, "--device", id, "--secret", secret];
  const child = spawn(process.execPath, ["infra/launch.mjs", "simulate", ...options], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = (await once(child, "exit")) as [number];
  expect(code).toBe(0);
}

async function readAll({ call }: TestPlatform, path: string): Promise<Fix[]> {
  const readings: Fix[] = [];
  for (let from = "1970-01-01T00:00:00Z"; ;) {
    const page = await call<Fix[]>("GET", `${path}&from=${encodeURIComponent(from)}`);
    readings.push(...page);
    if (page.length < 200) return readings;
    from = new Date(Date.parse(page.at(-1)!.ts) + 1).toISOString();
  }
}
