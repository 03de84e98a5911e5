import mqtt from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "../support/platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
}, 90_000);
afterAll(() => platform?.close());

async function scrape(): Promise<Map<string, number>> {
  const response = await fetch(`${platform.api}/metrics`);
  expect(response.status).toBe(200);
  const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
}

test(
  "metrics of a whole node follow a reading from its acknowledgement to the state",
  { timeout: 60_000 },
  async () => {
    const { secret } = await platform.call<{ secret: string }>("POST", "/devices", { id: "probe", kind: "env" });
    const before = await scrape();
    const device = await mqtt.connectAsync(platform.mqtt, { clientId: "probe", username: "probe", password: secret });
    const ts = Date.now();
    for (let at = 0; at < 10; at += 1)
      await device.publishAsync("devices/probe/env", JSON.stringify({ ts: ts + at, celsius: 4 }), { qos: 1 });
    await device.publishAsync("devices/probe/env", JSON.stringify({ ts, celsius: 4 }), { qos: 1 });
    await device.publishAsync("devices/probe/env", "no JSON", { qos: 1 });
    const gained = async () => {
      const after = await scrape();
      const names = ["messages_accepted", "readings_stored", "readings_duplicate", "quarantined"];
      return names.map(
        (name) => (after.get(`waystock_${name}_total`) ?? 0) - (before.get(`waystock_${name}_total`) ?? 0),
      );
    };
    await expect.poll(gained, { timeout: 20_000 }).toEqual([12, 10, 1, 1]);
    // A batch counts what it holds, not what its device sent before.
    await device.publishAsync("devices/probe/env", JSON.stringify({ ts: ts + 1, celsius: 4 }), { qos: 1 });
    await device.publishAsync("devices/probe/env", JSON.stringify({ ts: ts - 60_000, celsius: 4 }), { qos: 1 });
    await device.publishAsync("devices/probe/env", JSON.stringify({ ts: ts + 20, celsius: 4 }), { qos: 1 });
    await expect.poll(gained, { timeout: 20_000 }).toEqual([15, 12, 2, 1]);
    // The lag is of the moment at which a process reports, once a second.
    const lags = async () => {
      const all = await scrape();
      return ["waystock_journal_lag_bytes", 'waystock_ingest_lag_bytes{consumer="state"}'].map((name) => all.get(name));
    };
    await expect.poll(lags, { timeout: 20_000 }).toEqual([0, 0]);
    const now = await scrape();
    expect(now.get("waystock_mqtt_connections")).toBe(1);
    expect((now.get("waystock_readings_late_total") ?? 0) - (before.get("waystock_readings_late_total") ?? 0)).toBe(1);
    expect(now.get("waystock_ingest_lag_seconds")).toBeLessThan(10);
    for (const part of ["broker", "journal", "ingest", "postgres", "series", "audit"])
      expect([part, now.get(`waystock_part_ok{part="${part}"}`)]).toEqual([part, 1]);
    for (const process of ["broker", "ingest", "api"]) {
      expect(now.get(`waystock_process_cpu_seconds_total{process="${process}"}`)).toBeGreaterThan(0);
      expect(now.get(`waystock_process_report_age_seconds{process="${process}"}`)).toBeLessThan(4);
    }
    await device.endAsync(true);
  },
);
