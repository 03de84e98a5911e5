import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { followEvents } from "../../../../api/integrations/erp/follow-events.ts";
import { type Claimed, claimDue, finish } from "../../../../api/integrations/erp/lease.ts";
import { fanOut } from "../../../../api/integrations/relay/fan-out.ts";
import { askForSync } from "../../../../api/resources/erp/queries.ts";
import { startOdoo } from "../../../support/erp/odoo.ts";
import { type ErpTest, startErpTest } from "./erp-test.ts";

/** The next pass after one that ends well and saw nothing new, milliseconds. */
const INTERVAL_MS = 60_000;

let erp: ErpTest;
let odoo: Awaited<ReturnType<typeof startOdoo>>;
let id: number;
let item: number;
beforeAll(async () => {
  erp = await startErpTest();
  odoo = await startOdoo();
  id = await erp.connect({
    ...{ name: "Odoo", kind: "odoo", url: odoo.url, database: odoo.database },
    credentials: { api_key: odoo.apiKey },
    options: { sync: { sales: "both" } },
  });
  item = (await erp.admin("POST /items", { sku: "TEA", name: "Tea" })).body["id"] as number;
});
afterAll(async () => {
  await odoo?.close();
  await erp?.close();
});
/** Nothing is being worked on, nothing is left to be noted, and the connection is due. */
beforeEach(async () => {
  await erp.pool.query("UPDATE erp_connections SET claim = NULL, claimed_until = NULL");
  while ((await fanOut(erp.pool)) > 0);
  while ((await followEvents(erp.pool)) > 0);
  await erp.pool.query(
    "UPDATE erp_connections SET next_sync_at = now() - interval '1 second', checks_all = false, failing_since = NULL, problem = NULL, is_stopped = false",
  );
});

async function begin(): Promise<Claimed> {
  const [claimed] = await claimDue(erp.pool, 1);
  return claimed!;
}

async function placeOrder(): Promise<void> {
  const placed = await erp.admin("POST /orders", {
    ...{ kind: "customer", location_id: erp.hub },
    lines: [{ item_id: item, quantity: 3 }],
  });
  expect(placed.status, JSON.stringify(placed.body)).toBe(201);
  while ((await fanOut(erp.pool)) > 0);
}

test("a pass after which nothing has changed is followed by one when its interval is over", async () => {
  await finish(erp.pool, await begin(), { nextMs: INTERVAL_MS });
  expect(await claimDue(erp.pool, 1)).toEqual([]);
});

test("what changes while a pass runs is told by another that begins at once", async () => {
  const claimed = await begin();
  await placeOrder();
  expect(await followEvents(erp.pool)).toBeGreaterThan(0);
  await finish(erp.pool, claimed, { nextMs: INTERVAL_MS });
  expect((await begin()).connection.id).toBe(id);
});

test("what is noted a moment before a pass begins makes no other one", async () => {
  await erp.pool.query("UPDATE erp_connections SET next_sync_at = now() + interval '1 minute'");
  await placeOrder();
  expect(await followEvents(erp.pool)).toBeGreaterThan(0);
  await finish(erp.pool, await begin(), { nextMs: INTERVAL_MS });
  expect(await claimDue(erp.pool, 1)).toEqual([]);
});

test("a sync that is asked for while a pass begins is another pass, which looks for what was deleted", async () => {
  const asking = await erp.pool.connect();
  try {
    await asking.query("BEGIN");
    await asking.query("SELECT now()");
    const claimed = await begin();
    await askForSync(asking, id, true);
    await asking.query("COMMIT");
    await finish(erp.pool, claimed, { nextMs: INTERVAL_MS });
  } finally {
    asking.release();
  }
  const next = await begin();
  expect(next.connection).toMatchObject({ id, checksAll: true });
  await finish(erp.pool, next, { nextMs: INTERVAL_MS });
  expect(await erp.pool.query("SELECT checks_all FROM erp_connections")).toMatchObject({
    rows: [{ checks_all: false }],
  });
});

test("a pass that fails is tried again in its time, though something has changed, unless a person has asked", async () => {
  const failure = { nextMs: INTERVAL_MS, problem: "HTTP 429" };
  const claimed = await begin();
  await placeOrder();
  expect(await followEvents(erp.pool)).toBeGreaterThan(0);
  await finish(erp.pool, claimed, failure);
  expect(await claimDue(erp.pool, 1)).toEqual([]);

  await erp.pool.query("UPDATE erp_connections SET next_sync_at = now()");
  const next = await begin();
  expect((await erp.admin(`POST /erp/connections/${id}/sync`)).status).toBe(202);
  await finish(erp.pool, next, { ...failure, isStopped: true });
  expect((await begin()).connection.id).toBe(id);
});

test("what changes while a pass recovers is told at once", async () => {
  await erp.pool.query("UPDATE erp_connections SET failing_since = now(), problem = 'HTTP 502'");
  const claimed = await begin();
  await placeOrder();
  expect(await followEvents(erp.pool)).toBeGreaterThan(0);
  await finish(erp.pool, claimed, { nextMs: INTERVAL_MS });
  expect((await begin()).connection.id).toBe(id);
});
