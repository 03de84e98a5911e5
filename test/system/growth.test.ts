import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { AuditLog } from "../../broker/auth/audit-log.ts";
import { maskSecrets } from "../../infra/runtime/mask-secrets.ts";
import { createRefusalLimit } from "../../infra/runtime/refusal-limit.ts";
import { type IngestRig, startIngestRig } from "../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../support/postgres.ts";
import { worldIn } from "../support/world.ts";

/** 1,000,000 in the long form. */
const COUNT = process.env.LONG === "1" ? 1_000_000 : 100_000;
const DEVICES = 20;
const PER_MESSAGE = 500;
const MAX_TABLE_BYTES = 16e6;

let db: TestDatabase;
let rig: IngestRig;
beforeAll(async () => {
  db = await createDatabase();
  rig = await startIngestRig(db.pool);
});
afterAll(async () => {
  await rig?.close();
  await db?.drop();
});

async function bytesOf(table: string): Promise<number> {
  const { rows } = await db.pool.query<{ bytes: number }>("SELECT pg_total_relation_size($1::regclass) AS bytes", [
    table,
  ]);
  console.log(`${COUNT} refused: ${table} has ${(rows[0]!.bytes / 1e6).toFixed(1)} MB`);
  return rows[0]!.bytes;
}

async function numberOf(query: string): Promise<number> {
  return Number((await db.pool.query<{ n: string }>(query)).rows[0]!.n);
}

test("any number of refused readings fills no table, and each is counted", { timeout: 900_000 }, async () => {
  const world = worldIn(db.pool);
  const ids = await Promise.all(Array.from({ length: DEVICES }, (_, at) => world.device(`wrong-${at}`, "env")));
  const receivedAt = Date.parse("2026-11-01T12:20:00Z");
  const bad = Array.from({ length: PER_MESSAGE }, (_, at) => ({ ts: receivedAt + at, celsius: "warm" }));
  for (let message = 0; message < COUNT / PER_MESSAGE; message += 1) {
    await rig.publish(`devices/${ids[message % DEVICES]!}/env`, bad, receivedAt);
    if (message % 100 === 99) await rig.settled();
  }
  await rig.settled();
  expect(await numberOf("SELECT count(*) AS n FROM quarantine")).toBe(DEVICES * 100);
  expect(await numberOf("SELECT sum(messages) AS n FROM quarantine_hours")).toBe(COUNT);
  expect(await numberOf("SELECT sum(quarantined) AS n FROM device_states")).toBe(COUNT);
  expect(await numberOf("SELECT count(*) AS n FROM device_messages")).toBe(DEVICES);
  for (const table of ["quarantine", "quarantine_hours", "device_messages"]) {
    expect(await bytesOf(table)).toBeLessThan(MAX_TABLE_BYTES);
  }
});

test(
  "any number of strangers with long names fills no audit, and each refusal is counted",
  { timeout: 900_000 },
  async () => {
    const audit = new AuditLog(db.pool, pino({ level: "silent" }), maskSecrets, createRefusalLimit());
    for (let at = 0; at < COUNT; at += 1) {
      const name = `stranger ${at % 20_000} ${"x".repeat(at % 50 === 0 ? 15_000 : 100)}`;
      audit.recordDenied({ actor: name, action: "mqtt.connect", subject: name, reason: "unknown" });
      if (at % 10_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await audit.close();
    expect(await numberOf("SELECT count(*) AS n FROM audit")).toBeLessThanOrEqual(5_000 + 1_001);
    expect(await numberOf("SELECT sum((detail ->> 'times')::int) AS n FROM audit")).toBe(COUNT);
    expect(await bytesOf("audit")).toBeLessThan(MAX_TABLE_BYTES);
  },
);
