import { expect } from "vitest";
import { inTransaction, recordFacts } from "../../../ingest/decisions/record-facts.ts";
import { loadUsage } from "../../../ingest/stores/queries/scheduled-counts.ts";
import { reorder } from "../../../ingest/workers/reorder-worker.ts";
import { ingestApiTest as test } from "../../support/ingest-test.ts";

/** The most that can be counted. */
const MOST = 2_147_483_647;
const MINUTE = 60_000;

test("a shortage of more than can be ordered gets the most, in whole packs, and stops no other draft", async ({
  api,
  manager,
}) => {
  const kept = async (sku: string, reorderPoint: number, terms: object) => {
    const supplier = await manager("POST /parties", { name: `Of ${sku}`, roles: ["supplier"], ...terms });
    const item = await manager("POST /items", { sku, name: sku, supplier_id: supplier.body["id"] });
    const place = await manager("POST /locations", { name: `Place of ${sku}`, stage: "storage" });
    const stock = { item_id: item.body["id"], location_id: place.body["id"], quantity: 1 };
    const made = await manager("POST /inventory-items", { ...stock, reorder_point: reorderPoint });
    expect(made.status).toBe(201);
    return made.body["id"];
  };
  const [huge, packed, usual] = [
    await kept("HUGE", 2_000_000_000, {}),
    await kept("PACKED", 10, { minimum_quantity: MOST, pack_quantity: 2 }),
    await kept("USUAL", 10, {}),
  ];
  await reorder(api.db.pool, 0);
  await reorder(api.db.pool, 0);
  const drafts = (await manager("GET /orders?kind=restock")).body as unknown as {
    made_for: unknown;
    lines: { quantity: number }[];
  }[];
  const draftedFor = (id: unknown) => drafts.find(({ made_for: of }) => of === id)?.lines[0]?.quantity;
  expect([huge, packed, usual].map(draftedFor)).toEqual([MOST, MOST - 1, 19]);
});

test("scans of more than can be counted receive an order, and stop no other", async ({
  rig,
  world,
  manager,
  operator,
}) => {
  const [item, place] = [await world.item("GRAIN"), await world.location("Silo", "storage")];
  const other = await world.item("OATS");
  await world.device("silo-scan", "scan", { location_id: place });
  const sent = async (of: number) => {
    const made = await manager("POST /orders", {
      ...{ kind: "restock", location_id: place, lines: [{ item_id: of, quantity: 5 }] },
    });
    const path = `/orders/${made.body["id"] as number}`;
    for (const status of ["approved", "sent"]) expect((await manager(`PUT ${path}`, { status })).status).toBe(200);
    return path;
  };
  expect((await manager("POST /inventory-items", { item_id: item, location_id: place })).status).toBe(201);
  expect((await manager("POST /inventory-items", { item_id: other, location_id: place })).status).toBe(201);
  const [grain, oats] = [await sent(item), await sent(other)];
  const receive = (code: string, seq: number, quantity: number) =>
    rig.publish("devices/silo-scan/scan", { ts: Date.now(), seq, code, action: "receive", quantity });
  for (const seq of [1, 2, 3]) await receive("GRAIN", seq, 1_000_000_000);
  await receive("OATS", 4, 5);
  await rig.settled();
  const received = async (path: string) => {
    const { body } = await operator(`GET ${path}`);
    return [body["status"], (body["lines"] as { received: number }[])[0]!.received];
  };
  await expect.poll(() => received(grain), { timeout: MINUTE / 4 }).toEqual(["received", MOST]);
  await expect.poll(() => received(oats), { timeout: MINUTE / 4 }).toEqual(["received", 5]);
});

test("lists and jobs go on beside sums that no column of a table would hold", async ({ api, world, manager }) => {
  const place = await world.location("Vault", "storage");
  const dear = await manager("POST /items", { sku: "DEAR", name: "Dear", value_cents: 9_007_199_254_740_991 });
  const made = await manager("POST /inventory-items", {
    ...{ item_id: dear.body["id"], location_id: place, quantity: 2_000 },
  });
  const stock = made.body["id"] as number;
  const taken = await manager("POST /movements", { inventory_item_id: stock, quantity: -1_025, reason: "sold" });
  expect(taken.status).toBe(201);
  const usage = (await loadUsage(api.db.pool, 90)).find(({ id }) => id === stock);
  expect(usage?.valueCents).toBeCloseTo(1_025 * 9_007_199_254_740_991, -10);

  const at = Date.now();
  await inTransaction(api.db.pool, (client) =>
    recordFacts(client, {
      facts: [
        {
          ...{ key: "pack of packs", subject: `stock:${stock}`, at, type: "adjusted", rule: "scan-facts" },
          ...{ data: { delta: 1e14, reason: "received" }, evidence: [], confidence: 0.9 },
        },
      ],
    }),
  );
  const events = await manager(`GET /inventory-items/${stock}/events?limit=200`);
  expect(events.status).toBe(200);
  expect((events.body as unknown as { change: number | null }[]).map(({ change }) => change)).toContain(1e14);

  const rope = await manager("POST /items", { sku: "ROPE", name: "Rope" });
  for (const name of ["North", "South"]) {
    const location = await world.location(name, "storage");
    const kept = await manager("POST /inventory-items", { item_id: rope.body["id"], location_id: location });
    const movement = { inventory_item_id: kept.body["id"], quantity: 1_500_000_000, reason: "received", lot: "L1" };
    expect((await manager("POST /movements", movement)).status).toBe(201);
  }
  const lots = await manager(`GET /lots?item_id=${rope.body["id"] as number}`);
  expect(lots.body).toMatchObject([{ number: "L1", quantity: 3_000_000_000, places: 2 }]);
});
