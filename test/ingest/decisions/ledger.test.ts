import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decide } from "../../../ingest/decisions/decide.ts";
import { inTransaction } from "../../../ingest/decisions/record-facts.ts";
import type { NewFact } from "../../../ingest/domain/fact.ts";
import { MAX_LEVEL } from "../../../ingest/domain/stock/movement.ts";
import { loadPlaces } from "../../../ingest/stores/queries/places.ts";
import { runWrites } from "../../../ingest/stores/statement.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

const RUNS = process.env["LONG"] === "1" ? 1_000 : 25;
const T = Date.parse("2026-03-01T08:00:00Z");

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
  await db.pool.query("INSERT INTO items (sku, name) VALUES ('oil', 'Oil')");
});
afterAll(() => db?.drop());

/** A new stock position with this source. */
async function addStock(source: string): Promise<number> {
  const { rows } = await db.pool.query<{ id: number }>(
    `WITH place AS (INSERT INTO locations (name) VALUES ('shelf') RETURNING id)
    INSERT INTO inventory_items (item_id, location_id, source) SELECT 1, id, $1 FROM place RETURNING id`,
    [source],
  );
  return rows[0]!.id;
}

type Change = { add: NewFact[] } | { withdraw: NewFact };

/** Commits facts, and the withdrawal of facts, as ingest and the API do. */
async function commit(change: Change): Promise<void> {
  const added = "add" in change ? change.add : [];
  const withdrawn = "withdraw" in change ? [change.withdraw] : [];
  await inTransaction(db.pool, async (client) => {
    const { writes } = await decide(client, { added, withdrawn }, await loadPlaces(client));
    await runWrites(client, writes);
  });
}

/** What is known of a position, without ids. */
async function ledgerOf(stock: number) {
  const { rows } = await db.pool.query<{ key: string; at: Date; delta: number; level: number; unfit: number }>(
    `SELECT regexp_replace(f.key, '^\\d+ ', '') AS key, m.at, m.delta, m.level, m.unfit FROM movements m JOIN facts f ON f.id = m.id
    WHERE inventory_item_id = $1 ORDER BY m.at, CASE f.type WHEN 'counted' THEN 0 ELSE 1 END, 1`,
    [stock],
  );
  const position = await db.pool.query<{ quantity: number }>("SELECT quantity FROM inventory_items WHERE id = $1", [
    stock,
  ]);
  return { movements: rows, quantity: position.rows[0]!.quantity };
}

/** One thing that happens to a position: when, and by how much. */
interface Step {
  type: "counted" | "adjusted";
  minute: number;
  amount: number;
  source: "person" | "scale" | "rfid";
}

const step: fc.Arbitrary<Step> = fc.record({
  type: fc.constantFrom("counted", "adjusted"),
  minute: fc.integer({ min: 0, max: 30 }),
  amount: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -20, max: 30 }) },
    { weight: 1, arbitrary: fc.constantFrom(MAX_LEVEL, -MAX_LEVEL, MAX_LEVEL - 5) },
  ),
  source: fc.constantFrom("person", "scale", "rfid"),
});

function factOf(stock: number, { type, minute, amount, source }: Step, at: number): NewFact {
  // Two facts of one millisecond and type are ordered by their keys, which do not begin with the position here.
  const common = {
    subject: `stock:${stock}` as const,
    at: T + minute * 60_000,
    rule: "test",
    evidence: [],
    confidence: 1,
  };
  const key = `${stock} step ${String(at).padStart(3, "0")}`;
  return type === "counted"
    ? { ...common, key, type, data: { quantity: Math.abs(amount), source } }
    : { ...common, key, type, data: { delta: amount === 0 ? 1 : amount, reason: "test" } };
}

test("random counts, movements, receipts, reversals and replays, in any order: the ledger is the level, whole and never negative", async () => {
  const scenario = fc.record({
    source: fc.constantFrom("ledger", "scale", "rfid"),
    steps: fc.array(step, { minLength: 1, maxLength: 14 }),
    // In which order they become known, which come again, and which are withdrawn in the end.
    order: fc.array(fc.nat(), { minLength: 14, maxLength: 14 }),
    repeated: fc.array(fc.nat(13), { maxLength: 4 }),
    withdrawn: fc.array(fc.nat(13), { maxLength: 3 }),
    together: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(scenario, async ({ source, steps, order, repeated, withdrawn, together }) => {
      const [inOrder, mixed] = [await addStock(source), await addStock(source)];
      const byTime = [...steps.keys()].sort((a, b) => steps[a]!.minute - steps[b]!.minute || a - b);
      const byOrder = [...steps.keys()].sort((a, b) => order[a]! - order[b]! || a - b);
      for (const at of byTime) await commit({ add: [factOf(inOrder, steps[at]!, at)] });
      for (let from = 0; from < byOrder.length; from += together) {
        await commit({ add: byOrder.slice(from, from + together).map((at) => factOf(mixed, steps[at]!, at)) });
      }
      const known = (at: number) => steps[at] !== undefined;
      for (const at of repeated.filter(known)) await commit({ add: [factOf(mixed, steps[at]!, at)] });
      const gone = [...new Set(withdrawn.filter(known))];
      for (const at of gone) {
        await commit({ withdraw: factOf(inOrder, steps[at]!, at) });
        await commit({ withdraw: factOf(mixed, steps[at]!, at) });
      }
      const [first, second] = [await ledgerOf(inOrder), await ledgerOf(mixed)];
      expect(second).toEqual(first);
      const level = Math.max(0, Math.min(MAX_LEVEL, first.quantity));
      expect(first.movements.reduce((sum, { delta }) => sum + delta, 0)).toBe(level);
      let running = 0;
      for (const movement of first.movements) {
        expect(Number.isInteger(movement.delta)).toBe(true);
        running += movement.delta;
        expect(movement.level).toBe(running);
        expect(movement.level).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: RUNS, seed: 20_261_129 },
  );
});

test("what was there before there were movements begins the ledger, until the position is folded again", async () => {
  const stock = await addStock("ledger");
  const fact = (minute: number, delta: number) =>
    factOf(stock, { type: "adjusted", minute, amount: delta, source: "person" }, minute);
  await commit({ add: [fact(1, 7)] });
  // As the migration leaves a data directory of before.
  await db.pool.query(
    "UPDATE movements SET id = nextval(pg_get_serial_sequence('facts', 'id')) WHERE inventory_item_id = $1",
    [stock],
  );
  await commit({ add: [fact(5, -2)] });
  const deltas = async () =>
    (await db.pool.query("SELECT delta FROM movements WHERE inventory_item_id = $1 ORDER BY at", [stock])).rows.map(
      (row) => row.delta,
    );
  expect(await deltas()).toEqual([7, -2]);
  await commit({ add: [fact(3, 4)] });
  expect(await deltas()).toEqual([7, 4, -2]);
});
