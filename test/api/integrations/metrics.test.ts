import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { registerIntegrationMetrics } from "../../../api/metrics/integration-metrics.ts";
import { createDatabase } from "../../support/postgres.ts";

test("metrics that cannot be read are counted, told of once, and back when they can be read", async () => {
  const db = await createDatabase();
  try {
    const lines: { level: number; msg: string }[] = [];
    const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as never) });
    const registry = new Registry();
    registerIntegrationMetrics(registry, db.pool, log);
    await db.pool.query("ALTER TABLE erp_connections RENAME TO gone");
    for (let scrape = 0; scrape < 3; scrape += 1) {
      const text = await registry.metrics();
      expect(text).not.toContain("waystock_erp_failing{");
      expect(text).toContain("waystock_events_waiting 0");
    }
    expect(await registry.metrics()).toContain('waystock_metrics_failures_total{metric="waystock_erp_failing"} 3');
    expect(lines.map(({ msg }) => msg)).toEqual(["metrics of integration cannot be read"]);
    await db.pool.query("ALTER TABLE gone RENAME TO erp_connections");
    await registry.metrics();
    expect(lines.map(({ msg }) => msg)).toEqual([
      "metrics of integration cannot be read",
      "the metrics of integration can be read again",
    ]);
  } finally {
    await db.drop();
  }
});
