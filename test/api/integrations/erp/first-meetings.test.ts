import type { PoolClient } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ErpItem, ErpPartner } from "../../../../api/integrations/erp/adapter.ts";
import { type Applied, applyItem, applyPartner } from "../../../../api/integrations/erp/apply/master-data.ts";
import { type Connection, findConnection } from "../../../../api/integrations/erp/connections.ts";
import { type ErpTest, startErpTest } from "./erp-test.ts";

let erp: ErpTest;
beforeAll(async () => {
  erp = await startErpTest();
});
afterAll(() => erp?.close());

const CHANGED = "2026-03-01T08:00:00Z";
const customer: ErpPartner = {
  ...{ id: "7", number: "7", modified: CHANGED },
  ...{ kind: "customer", name: "Corner Shop", email: null, phone: null },
};
const item: ErpItem = {
  ...{ id: "8", number: "milk", modified: CHANGED },
  ...{ kind: "item", sku: "milk", name: "Milk", barcode: null, unit: "piece", isActive: true },
};

async function connection(name: string): Promise<Connection> {
  const id = await erp.connect({ name, kind: "generic", url: `http://127.0.0.1:9/${name}`, credentials: {} });
  return (await findConnection(erp.pool, id))!;
}

/** Until a session waits for a lock that another one has. */
async function oneWaits(): Promise<void> {
  const waiting = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'";
  await expect.poll(async () => (await erp.pool.query(waiting)).rowCount).toBe(1);
}

test.each<[string, (client: PoolClient, of: Connection) => Promise<Applied>]>([
  ["customer", (client, of) => applyPartner(client, of, customer, undefined)],
  ["item", (client, of) => applyItem(client, of, item, undefined)],
])("a %s that two ERPs tell of at the same time is one here", async (what, apply) => {
  const [first, second] = [await connection(`first ${what}`), await connection(`second ${what}`)];
  const [one, other] = [await erp.pool.connect(), await erp.pool.connect()];
  try {
    for (const client of [one, other]) await client.query("BEGIN");
    const made = await apply(one, first);
    const met = apply(other, second);
    await oneWaits();
    await one.query("COMMIT");
    expect((await met).localId).toBe(made.localId);
    await other.query("COMMIT");
  } finally {
    for (const client of [one, other]) client.release();
  }
});
