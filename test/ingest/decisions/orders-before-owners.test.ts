import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { receiveOrders } from "../../../ingest/workers/order-receipts.ts";
import { addParties } from "../../support/parties.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

const MIGRATION = join(import.meta.dirname, "../../../infra/postgres/migrations/0160_goods_of_owners.sql");
const OWNER = 7;
const ITEM = 1;

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await addParties(db.pool, "owner", [OWNER]);
  await db.pool.query("INSERT INTO items (sku, name) VALUES ('soap', 'Soap')");
});
afterAll(() => db?.drop());

/** As nodes of before left the database; they are not prepared for the column that comes. */
const forgetOwners = () =>
  db.pool.query(
    `ALTER TABLE orders DROP COLUMN takes_in_main CASCADE; DROP FUNCTION takes_in; DROP FUNCTION goes_to_main;
    DROP FUNCTION on_order(integer); DROP FUNCTION in_transit(integer);
    CREATE INDEX orders_on_order ON orders (location_id, id); CREATE INDEX orders_transfers_to ON orders (ship_to_id, id)`,
  );

async function idOf(text: string, values: unknown[]): Promise<number> {
  return (await db.pool.query<{ id: number }>(`${text} RETURNING id`, values)).rows[0]!.id;
}

interface Old {
  status: string;
  owner?: number;
  /** the position that it was drafted for */
  madeFor?: number;
  received?: number;
}

/** A restock order of 10, sent an hour ago. */
async function addOrder(place: number, { status, owner, madeFor, received = 0 }: Old): Promise<number> {
  const sent = status === "draft" ? null : new Date(Date.now() - 3_600_000);
  const order = await idOf(
    "INSERT INTO orders (kind, status, location_id, owner_id, made_for, sent_at) VALUES ('restock', $1, $2, $3, $4, $5)",
    [status, place, owner ?? null, madeFor ?? null, sent],
  );
  await db.pool.query(
    "INSERT INTO order_lines (order_id, line, item_id, quantity, received) VALUES ($1, 1, $2, 10, $3)",
    [...[order, ITEM, received]],
  );
  return order;
}

const receive = (stock: number, order: number, delta: number) =>
  inTransaction(db.pool, (client) => {
    const data = { delta, reason: "received", order };
    const fact = {
      key: `received:${order}:${delta}`,
      subject: `stock:${stock}`,
      at: Date.now(),
      type: "adjusted",
      data,
    } as const;
    return recordFacts(client, { facts: [{ ...fact, rule: "person", evidence: [], confidence: 1 }] });
  });

async function stateOf(order: number) {
  const { rows } = await db.pool.query(
    "SELECT o.status, o.owner_id, l.received FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.id = $1",
    [order],
  );
  return rows[0] as object;
}

test("orders of before: what has come of them stays received, drafts get the owner they were made for, and what comes is not lost", async () => {
  const place = await idOf("INSERT INTO locations (name) VALUES ('hall')", []);
  const elsewhere = await idOf("INSERT INTO locations (name) VALUES ('yard')", []);
  const keep = (at: number, owner: number | null, isMain: boolean) =>
    idOf("INSERT INTO inventory_items (item_id, location_id, owner_id, is_main) VALUES ($1, $2, $3, $4)", [
      ...[ITEM, at, owner, isMain],
    ]);
  const [main, owners] = [await keep(place, null, true), await keep(place, OWNER, false)];
  await keep(elsewhere, null, true);
  await forgetOwners();
  const begun = await addOrder(place, { status: "partial", owner: OWNER, received: 4 });
  await receive(main, begun, 4);
  const [draft, sent] = [
    await addOrder(place, { status: "draft", madeFor: owners }),
    await addOrder(place, { status: "sent", madeFor: owners }),
  ];
  const draftOfMain = await addOrder(place, { status: "draft", madeFor: main });
  // Nothing of its owner is kept there.
  const without = await addOrder(elsewhere, { status: "sent", owner: OWNER });
  await db.pool.query(await readFile(MIGRATION, "utf8"));

  expect(await stateOf(draft)).toMatchObject({ owner_id: OWNER });
  expect(await stateOf(sent)).toMatchObject({ owner_id: OWNER });
  expect(await stateOf(draftOfMain)).toMatchObject({ owner_id: null });
  while ((await receiveOrders(db.pool)) > 0);
  expect(await stateOf(begun)).toEqual({ status: "partial", owner_id: OWNER, received: 4 });
  await receive(main, begun, 6);
  await receive(owners, sent, 10);
  await db.pool.query(
    `INSERT INTO shipments (tracking_number, product_name, item_id, quantity, status, stage, stage_since, destination_id, order_id, created_at)
    VALUES ('T1', 'Soap', $1, 10, 'delivered', 'delivery', now() - interval '5 minutes', $2, $3, now())`,
    [ITEM, elsewhere, without],
  );
  while ((await receiveOrders(db.pool)) > 0);
  for (const order of [begun, sent, without]) {
    expect(await stateOf(order)).toEqual({ status: "received", owner_id: OWNER, received: 10 });
  }
  const { rows } = await db.pool.query(
    "SELECT location_id, owner_id, quantity, is_main FROM inventory_items ORDER BY location_id, id",
  );
  expect(rows).toEqual([
    { location_id: place, owner_id: null, quantity: 10, is_main: true },
    { location_id: place, owner_id: OWNER, quantity: 10, is_main: false },
    { location_id: elsewhere, owner_id: null, quantity: 0, is_main: true },
    { location_id: elsewhere, owner_id: OWNER, quantity: 10, is_main: false },
  ]);
});
