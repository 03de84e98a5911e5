import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readinessOf } from "../../../api/resources/operations/readiness.ts";
import { startAuditChain } from "../../../ingest/workers/audit-chain.ts";
import { createPool } from "../../../infra/postgres/pool.ts";
import { createHealthProbes } from "../../../infra/runtime/health-probes.ts";
import { degradedBy } from "../../../infra/supervisor/health.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

let database: TestDatabase;
let pool: ReturnType<typeof createPool>;
beforeAll(async () => {
  database = await createDatabase();
  pool = createPool(database.url, { max: 2, applicationName: "readiness test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function readiness(pingSeries?: () => Promise<void>) {
  const probes = Object.entries(createHealthProbes(pool, pingSeries, false));
  return readinessOf(await Promise.all(probes.map(async ([name, probe]) => [name, await probe()] as const)));
}

test("an API that runs alone is ready with its database, and says what it does not know", async () => {
  const { ready, unknown, degraded, parts } = await readiness();
  expect({ ready, unknown, degraded }).toEqual({
    ready: true,
    unknown: ["broker", "journal", "ingest", "lag", "late", "audit", "retention"],
    degraded: [],
  });
  expect(parts["postgres"]).toEqual({ ok: true });
  expect(parts["broker"]).toEqual({ ok: null, detail: expect.stringContaining("unknown") as unknown });
});

test("InfluxDB away is named as degraded, and leaves the platform ready", async () => {
  const { ready, degraded, parts } = await readiness(() => Promise.reject(new Error("connect ECONNREFUSED")));
  expect({ ready, degraded, series: parts["series"] }).toEqual({
    ready: true,
    degraded: ["series"],
    series: { ok: false, detail: "does not answer" },
  });
});

test("an audit whose chain cannot go on is named as degraded, leaves the platform ready, and goes on once it is mended", async () => {
  const { pool: owner } = database;
  const chain = startAuditChain(owner, pino({ level: "silent" }));
  const entry = (place: string) =>
    owner.query(
      `INSERT INTO audit (actor, action, outcome, chain_position) VALUES ('user:1', 'sign in', 'done', ${place})`,
    );
  const said = () =>
    readinessOf([
      ["postgres", { ok: true }],
      ["audit", degradedBy(chain.lastError() && "the audit's chain cannot go on")],
    ]);
  try {
    expect(said()).toMatchObject({ ready: true, degraded: [] });
    // Somebody has put an entry into the place of the next one.
    await entry("(SELECT last_position + 1 FROM audit_chain)");
    await entry("NULL");
    await expect.poll(() => said().degraded).toEqual(["audit"]);
    expect(said()).toMatchObject({
      ready: true,
      parts: { audit: { ok: false, detail: "the audit's chain cannot go on" } },
    });
    await owner.query("UPDATE audit_chain SET last_position = last_position + 1");
    await expect.poll(() => said().degraded).toEqual([]);
  } finally {
    await chain.close();
  }
});
