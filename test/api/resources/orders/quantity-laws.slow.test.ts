import fc from "fast-check";
import "../../../support/property-seed.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freeExpired } from "../../../../ingest/workers/reservation-expiry.ts";
import { openShop, type OrderBody, type Shop } from "./order-shop.ts";

const INITIAL = 12;
const RUNS = process.env["LONG"] === "1" ? 200 : 6;

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
});
afterAll(() => shop?.api.close());

type Action = readonly [
  name:
    | "reserve"
    | "hold shortly"
    | "expire"
    | "pick"
    | "walk"
    | "short"
    | "pack"
    | "ship"
    | "receive"
    | "damaged"
    | "missing"
    | "cancel"
    | "hold lot"
    | "release lot",
  order: number,
  quantity: number,
];

const action: fc.Arbitrary<Action> = fc.tuple(
  fc.constantFrom(
    ...(["reserve", "hold shortly", "expire", "pick", "walk", "short", "pack", "ship", "receive", "damaged"] as const),
    ...(["missing", "cancel", "hold lot", "release lot"] as const),
  ),
  fc.nat(4),
  fc.integer({ min: 1, max: 4 }),
);
/** What happens at the same time. */
const steps = fc.array(fc.array(action, { minLength: 1, maxLength: 3 }), { minLength: 8, maxLength: 14 });

test("any interleaving of reserve, pick, short, cancel, ship, receive, return and expire keeps every quantity law", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const world = await openWorld();
      for (const step of given) {
        const answers = await Promise.all(step.map((each) => world.run(each)));
        // 503: the machine is too busy, and nothing was changed.
        for (const status of answers) expect([200, 201, 400, 409, 503]).toContain(status);
        await world.check();
      }
      await world.end();
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

/** A product at two shelves of a hall, and five orders for it: two of customers, two transfers to a store, one return. */
async function openWorld() {
  const { item, place, stock, order, act, manager, read, api, expectLedger } = shop;
  const tea = await item();
  const [hall, store] = [await place("Hall"), await place("Store")];
  const made = { A: 7, B: INITIAL - 7 };
  for (const [lot, quantity] of Object.entries(made)) {
    const shelf = await stock(tea, await place(lot, hall), 0);
    await manager("POST /movements", { inventory_item_id: shelf, quantity, reason: "made", lot });
  }
  const lotIds = ((await manager(`GET /lots?item_id=${tea}`)).body as unknown as { id: number }[]).map(({ id }) => id);
  const [out, move] = [{ ship_from_id: hall }, { ship_from_id: hall, ship_to_id: store }];
  const orders = [
    await order(
      "customer",
      [
        [tea, 3],
        [tea, 4],
      ],
      out,
    ),
    await order("customer", [[tea, 5]], out),
    await order(
      "transfer",
      [
        [tea, 2],
        [tea, 4],
      ],
      move,
    ),
    await order("transfer", [[tea, 6]], move),
    await order("return", [[tea, 5]], { ship_to_id: hall }),
  ];

  async function walk(id: number, quantity: number, short: object): Promise<number> {
    await manager("POST /pick-lists", { order_ids: orders });
    const { body } = await manager("GET /pick-lists?status=open&limit=200");
    for (const list of body as unknown as { id: number; tasks: Record<string, number>[] }[]) {
      const task = list.tasks.find((each) => each["order_id"] === id && each["picked"]! < each["quantity"]!);
      if (!task) continue;
      const of = { inventory_item_id: task["inventory_item_id"], quantity: Math.min(quantity, task["quantity"]!) };
      return (await manager(`POST /pick-lists/${list.id}/pick`, { ...of, ...short })).status;
    }
    return 409;
  }

  async function run([name, at, quantity]: Action): Promise<number> {
    const id = orders[at]!;
    const lines = [{ line: 1, quantity }];
    switch (name) {
      case "reserve":
        return (await act(id, "reserve", {})).status;
      case "hold shortly":
        return (await act(id, "reserve", { expires_at: new Date(Date.now() + 3_600_000).toISOString() })).status;
      case "expire":
        await api.db.pool.query(
          "UPDATE reservations SET expires_at = now() WHERE order_id = $1 AND expires_at IS NOT NULL",
          [id],
        );
        await freeExpired(api.db.pool);
        return 200;
      case "pick":
        return (await act(id, "pick", { lines })).status;
      case "walk":
        return walk(id, quantity, {});
      case "short":
        return walk(id, quantity - 1, { short: "missing" });
      case "receive":
        return (await act(id, "receive", { lines: [{ item_id: tea, quantity }] })).status;
      case "damaged":
        return (await act(id, "receive", { lines: [{ ...lines[0], condition: quantity % 2 ? "damaged" : "scrap" }] }))
          .status;
      case "hold lot":
        return (await manager(`POST /lots/${lotIds[at % 2]}/hold`, { reason: "a complaint" })).status;
      case "release lot":
        return (await manager(`POST /lots/${lotIds[at % 2]}/release`, { reason: "checked" })).status;
      case "missing":
        return (await act(id, "receive", { lines: [], short: true })).status;
      default:
        return (await act(id, name, {})).status;
    }
  }

  async function check(): Promise<void> {
    await expectLedger();
    const all: (OrderBody & { kind: string })[] = [];
    for (const id of orders) all.push((await read(id)) as OrderBody & { kind: string });
    for (const { status, kind, lines } of all) {
      for (const line of lines) {
        const isOut = kind !== "return";
        for (const count of Object.values(line))
          expect(count === null || typeof count !== "number" || count >= 0).toBe(true);
        expect(line.shipped).toBeLessThanOrEqual(line.packed);
        expect(line.packed).toBeLessThanOrEqual(line.picked);
        expect(line.damaged + line.scrapped).toBeLessThanOrEqual(line.received);
        if (isOut) expect(line.reserved + line.picked + line.cancelled).toBeLessThanOrEqual(line.quantity);
        if (status === "cancelled") expect([line.reserved, line.picked, line.cancelled]).toEqual([0, 0, line.quantity]);
        if (status === "closed" && isOut)
          expect([line.reserved, line.picked + line.cancelled]).toEqual([0, line.quantity]);
      }
    }
    const sum = (kind: string, of: (line: OrderBody["lines"][number]) => number) =>
      all.flatMap((each) => (each.kind === kind ? each.lines : [])).reduce((total, line) => total + of(line), 0);
    const good = (line: OrderBody["lines"][number]) => line.received - line.damaged - line.scrapped;
    const taken = sum("customer", ({ picked }) => picked) + sum("transfer", ({ picked }) => picked);
    // What is known of a lot is never more than its position holds, nor more in all places and shipments than was made.
    const { rows: beyond } = await api.db.pool.query(
      `SELECT FROM stock_lots s JOIN inventory_items i ON i.id = s.inventory_item_id WHERE s.item_id = $1
      GROUP BY i.id HAVING sum(s.quantity) > i.quantity`,
      [tea],
    );
    expect(beyond).toEqual([]);
    const { rows: known } = await api.db.pool.query<{ lot: "A" | "B"; quantity: number }>(
      `SELECT lot, sum(quantity)::int AS quantity FROM (SELECT lot, quantity FROM stock_lots WHERE item_id = $1
        UNION ALL SELECT lot, quantity FROM shipment_lots WHERE item_id = $1) all_of GROUP BY lot`,
      [tea],
    );
    for (const { lot, quantity } of known) expect(quantity, lot).toBeLessThanOrEqual(made[lot]);
    // Each place holds what was there (on hold or not), less what was taken, and what was brought.
    expect(await heldWithin(hall, "good", "hold")).toBe(INITIAL - taken + sum("return", good));
    expect(await heldWithin(store, "good", "hold")).toBe(sum("transfer", good));
    expect(await heldWithin(store, "damaged")).toBe(sum("transfer", ({ damaged }) => damaged));
    expect(await heldWithin(hall, "damaged")).toBe(sum("return", ({ damaged }) => damaged));
  }

  async function heldWithin(placeId: number, ...conditions: string[]): Promise<number> {
    const { rows } = await api.db.pool.query<{ held: number }>(
      `SELECT coalesce(sum(quantity), 0)::int AS held FROM inventory_items i JOIN locations l ON l.id = i.location_id
      WHERE i.item_id = $1 AND i.condition = ANY($3::text[]) AND (l.id = $2 OR l.parent_id = $2)`,
      [tea, placeId, conditions],
    );
    return rows[0]!.held;
  }

  /** Nothing stays held for the next world. */
  async function end(): Promise<void> {
    for (const id of orders) await act(id, "cancel", {});
    await check();
    const { rows } = await api.db.pool.query("SELECT FROM reservations WHERE order_id = ANY($1::int[])", [orders]);
    expect(rows).toEqual([]);
  }
  return { run, check, end };
}
