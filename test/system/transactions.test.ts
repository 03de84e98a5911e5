import type pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createPool } from "../../infra/postgres/pool.ts";
import { startAwakeClock } from "../support/awake-clock.ts";
import { type IngestRig, startIngestRig } from "../support/ingest.ts";
import { worldIn } from "../support/world.ts";
import { startApi, type TestResponse, type TestApi } from "../api/support.ts";

let api: TestApi;
let ingestPool: pg.Pool;
let rig: IngestRig;
let call: Awaited<ReturnType<TestApi["as"]>>;

beforeAll(async () => {
  api = await startApi();
  ingestPool = createPool(api.db.url, { max: 8, applicationName: "ingest" });
  rig = await startIngestRig(ingestPool);
  call = await api.as("manager");
});
afterAll(async () => {
  await rig.close();
  await ingestPool.end();
  await api.close();
});

const COUNT = 40;
/** Twice as many as the pool has connections. */
const MANY = 20;
let names = 0;
const change = () => call("POST /locations", { name: `place ${(names += 1)}` });

/** More than any answer takes here that need not wait, and less than the wait for a lock. */
const NO_WAIT_MS = 3_000;
async function readsAreServed(): Promise<void> {
  const awakeMs = startAwakeClock();
  const answers = await Promise.all(Array.from({ length: 5 }, () => call("GET /locations")));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(awakeMs()).toBeLessThan(NO_WAIT_MS);
}

async function waitingChanges(): Promise<number> {
  const { rows } = await api.db.pool.query(
    "SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
  );
  return rows[0].count;
}

function refusedOrDone(answers: readonly TestResponse[]): { done: number; refused: number } {
  const refused = answers.filter(({ status }) => status === 503);
  for (const { headers, body } of refused) {
    expect(headers.get("Retry-After")).toBe("1");
    expect(body["detail"]).toMatch(/too many changes at once/);
  }
  const done = answers.filter(({ status }) => status === 201);
  expect(done.length + refused.length).toBe(answers.length);
  return { done: done.length, refused: refused.length };
}

test("while changes wait for a transaction that does not end, reads and sign-in work, and each change fails in time", async () => {
  const holder = await api.db.pool.connect();
  await holder.query("SELECT pg_advisory_lock(hashtext('waystock changes'))");
  const began = performance.now();
  const changes = Promise.all(Array.from({ length: MANY }, change));
  try {
    await expect.poll(waitingChanges).toBeGreaterThan(0);
    await readsAreServed();
    await api.tokenOf("viewer");
    expect(refusedOrDone(await changes)).toEqual({ done: 0, refused: MANY });
    expect(performance.now() - began).toBeLessThan(20_000);
  } finally {
    await holder.query("SELECT pg_advisory_unlock_all()");
    holder.release();
  }
  expect((await change()).status).toBe(201);
}, 60_000);

test("while the worker meets version conflicts, fails and searches for the fault, people's changes are committed", async () => {
  const world = worldIn(api.db.pool);
  const probe = await world.device("probe", "env");
  const readings = Array.from({ length: COUNT }, (_, i) => ({
    ts: Date.now() - COUNT * 1000 + i * 1000,
    seq: i,
    celsius: i,
  }));
  // Two version conflicts make the worker take the exclusive lock; then half of the readings fail, in slow statements.
  await api.db.pool.query(
    `CREATE SEQUENCE looks;
    CREATE FUNCTION slow_and_odd() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('looks') <= 2 THEN RAISE EXCEPTION 'version conflict: device' USING ERRCODE = 'WS409'; END IF;
      PERFORM pg_sleep(0.15);
      IF EXISTS (SELECT FROM env_readings WHERE mod(celsius::int, 2) = 1) THEN
        RAISE EXCEPTION 'odd' USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL; END $$;
    CREATE TRIGGER slow_and_odd AFTER INSERT ON env_readings FOR EACH STATEMENT EXECUTE FUNCTION slow_and_odd()`,
  );
  await rig.publish(`devices/${probe}/env`, readings);
  const stored = async () => (await world.quality(probe))?.["stored"] ?? 0;
  let [done, slowestMs] = [0, 0];
  do {
    const began = performance.now();
    done += refusedOrDone(await Promise.all(Array.from({ length: MANY }, change))).done;
    await readsAreServed();
    slowestMs = Math.max(slowestMs, performance.now() - began);
  } while ((await stored()) === 0);
  expect(done).toBeGreaterThan(0);
  expect(slowestMs).toBeLessThan(10_000);
  expect(await world.quality(probe)).toMatchObject({ received: COUNT, stored: COUNT / 2, quarantined: COUNT / 2 });
}, 120_000);
