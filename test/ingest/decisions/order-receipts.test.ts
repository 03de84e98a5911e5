import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "../../../ingest/decisions/decide.ts";
import { inTransaction, settleOrders } from "../../../ingest/decisions/record-facts.ts";
import type { FactData, NewFact } from "../../../ingest/domain/fact.ts";
import { loadPlaces } from "../../../ingest/stores/queries/places.ts";
import { runWrites } from "../../../ingest/stores/statement.ts";
import { receiveOrders } from "../../../ingest/workers/order-receipts.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

const RUNS = process.env["LONG"] === "1" ? 1_000 : 25;
const HOUR = 3_600_000;
/** The orders were sent then. */
const T = Date.now() - 10 * 24 * HOUR;

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.pool.query("INSERT INTO items (sku, name) VALUES ('soap', 'Soap')");
});
afterAll(() => db?.drop());

type Kind = "restock" | "transfer";

/** A stock position that a restock order was sent for, and a second order of `kind`. */
async function addAwaited(source: string, kind: Kind = "restock"): Promise<{ stock: number; orders: number[] }> {
  const { rows } = await db.pool.query<{ stock: number; place: number }>(
    `WITH place AS (INSERT INTO locations (name) VALUES ('shelf') RETURNING id)
    INSERT INTO inventory_items (item_id, location_id, source) SELECT 1, id, $1 FROM place RETURNING id AS stock, location_id AS place`,
    [source],
  );
  const { stock, place } = rows[0]!;
  const orders: number[] = [];
  const sent = [
    { hours: 0, of: "restock" as Kind },
    { hours: 30, of: kind },
  ];
  for (const { hours, of } of sent) {
    const added = await db.pool.query<{ id: number }>(
      `WITH sent AS (INSERT INTO orders (kind, status, location_id, ship_to_id, sent_at)
        SELECT $3, CASE $3 WHEN 'restock' THEN 'sent' ELSE 'shipped' END, CASE $3 WHEN 'restock' THEN $1::int END,
          CASE $3 WHEN 'transfer' THEN $1::int END, to_timestamp($2::float8 / 1000) RETURNING id)
      INSERT INTO order_lines (order_id, line, item_id, quantity, picked, packed, shipped)
        SELECT id, 1, 1, 24, moved, moved, moved FROM sent, LATERAL (SELECT CASE $3 WHEN 'transfer' THEN 24 ELSE 0 END AS moved) m RETURNING order_id AS id`,
      [place, T + hours * HOUR, of],
    );
    orders.push(added.rows[0]!.id);
  }
  return { stock, orders };
}

/** Something that tells of goods, or takes some. */
interface Step {
  by: "scale" | "scan" | "person" | "shipment" | "pick" | "counter";
  minute: number;
  pieces: number;
  /** 0 or 1 */
  order: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  by: fc.constantFrom("scale", "scan", "person", "shipment", "pick", "counter"),
  minute: fc.oneof(fc.integer({ min: -60, max: 120 }), fc.integer({ min: -60, max: 5_000 })),
  pieces: fc.integer({ min: 1, max: 30 }),
  order: fc.integer({ min: 0, max: 1 }),
});

function factOf({ stock, orders }: { stock: number; orders: number[] }, step: Step, nth: number): NewFact {
  const { by, minute, pieces, order } = step;
  const rules = { scale: "scale-count", scan: "scan-facts", shipment: "shipment-receipt" } as Record<string, string>;
  const common = {
    // Facts of one moment are ordered by their keys, which do not begin with the position here.
    ...{ key: `${String(nth).padStart(3, "0")} of ${stock}`, subject: `stock:${stock}` as const },
    ...{ at: T + minute * 60_000, rule: rules[by] ?? "person", evidence: [], confidence: 1 },
  };
  if (by === "scale") {
    const change = nth % 4 === 0 ? -pieces : pieces;
    return { ...common, type: "counted", data: { quantity: 40 + pieces, source: "scale", change } };
  }
  if (by === "counter") return { ...common, type: "counted", data: { quantity: pieces, source: "person" } };
  const named = by === "person" || by === "shipment" ? { order: orders[order]! } : {};
  const data: FactData["adjusted"] = {
    ...(by === "pick" ? { delta: -pieces, reason: "picked" } : { delta: pieces, reason: "received" }),
    ...named,
  };
  return { ...common, type: "adjusted", data };
}

async function commit(added: NewFact[], withdrawn: NewFact[] = []): Promise<void> {
  await inTransaction(db.pool, async (client) => {
    const { writes } = await decide(client, { added, withdrawn }, await loadPlaces(client));
    await runWrites(client, writes);
  });
  await settleAll();
}

async function settleAll(): Promise<void> {
  while ((await ordersToDo()) > 0);
}

/** Facts of shipments are the test's own here: there are no shipments that they could follow from. */
async function ordersToDo(): Promise<number> {
  return inTransaction(db.pool, async (client) => {
    const { rows } = await client.query<{ id: number }>(
      "SELECT id FROM orders WHERE status IN ('sent', 'shipped', 'partial', 'received') ORDER BY id",
    );
    const changed = await settleOrders(
      client,
      rows.map(({ id }) => id),
    );
    return changed.length;
  });
}

async function stateOf({ stock, orders }: { stock: number; orders: number[] }) {
  const lines = await db.pool.query(
    `SELECT o.status, l.received, l.cancelled, l.received_by FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.id = ANY($1) ORDER BY o.id`,
    [orders],
  );
  const level = await db.pool.query<{ quantity: number; moved: number }>(
    "SELECT greatest(quantity, 0) AS quantity, (SELECT coalesce(sum(delta), 0)::int FROM movements WHERE inventory_item_id = $1) AS moved FROM inventory_items WHERE id = $1",
    [stock],
  );
  return { lines: lines.rows, level: level.rows[0]! };
}

test("goods that a scale, scans, people and shipments tell of, in any order of arrival, repeated and withdrawn: the orders have received the same, once", async () => {
  const scenario = fc.record({
    source: fc.constantFrom("ledger", "scale"),
    kind: fc.constantFrom<Kind>("restock", "transfer"),
    steps: fc.array(step, { minLength: 1, maxLength: 10 }),
    order: fc.array(fc.nat(), { minLength: 10, maxLength: 10 }),
    repeated: fc.array(fc.nat(9), { maxLength: 3 }),
    withdrawn: fc.array(fc.nat(9), { maxLength: 2 }),
    together: fc.integer({ min: 1, max: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ source, kind, steps, order, repeated, withdrawn, together }) => {
      const [inOrder, mixed] = [await addAwaited(source, kind), await addAwaited(source, kind)];
      const byTime = [...steps.keys()].sort((a, b) => steps[a]!.minute - steps[b]!.minute || a - b);
      const byOrder = [...steps.keys()].sort((a, b) => order[a]! - order[b]! || a - b);
      for (const at of byTime) await commit([factOf(inOrder, steps[at]!, at)]);
      for (let from = 0; from < byOrder.length; from += together) {
        await commit(byOrder.slice(from, from + together).map((at) => factOf(mixed, steps[at]!, at)));
      }
      const known = (at: number) => steps[at] !== undefined;
      for (const at of repeated.filter(known)) await commit([factOf(mixed, steps[at]!, at)]);
      for (const at of [...new Set(withdrawn.filter(known))]) {
        await commit([], [factOf(inOrder, steps[at]!, at)]);
        await commit([], [factOf(mixed, steps[at]!, at)]);
      }
      const [first, second] = [await stateOf(inOrder), await stateOf(mixed)];
      expect(second).toEqual(first);
      expect(first.level.moved).toBe(first.level.quantity);
      for (const { received, received_by: by } of first.lines as { received: number; received_by: object }[]) {
        expect(received).toBeGreaterThanOrEqual(0);
        for (const told of Object.values(by) as number[]) expect(told).toBeLessThanOrEqual(received);
      }
      await db.pool.query("UPDATE orders SET status = 'closed'");
    }),
    { numRuns: RUNS },
  );
});

test("the worker looks only at orders whose positions or shipments have changed, and a second look changes nothing", async () => {
  const { stock, orders } = await addAwaited("scale");
  const fact = factOf({ stock, orders }, { by: "scale", minute: 60, pieces: 24, order: 0 }, 1);
  await inTransaction(db.pool, async (client) => {
    const { writes } = await decide(client, { added: [fact], withdrawn: [] }, await loadPlaces(client));
    await runWrites(client, writes);
  });
  expect(await receiveOrders(db.pool)).toBe(2);
  expect((await stateOf({ stock, orders })).lines).toMatchObject([
    { status: "received", received: 24, received_by: { scale: 24 } },
    { status: "sent", received: 0 },
  ]);
  expect(await receiveOrders(db.pool)).toBe(0);
});
