import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { createGroundTruth } from "../../simulators/score/ground-truth.ts";
import { planJam } from "../../simulators/world/jam.ts";
import { SITES } from "../../simulators/world/sites.ts";
import { createWorld } from "../../simulators/world/world.ts";
import { startApi, type TestApi } from "../api/support.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const SEEDS = Array.from({ length: process.env["LONG"] === "1" ? 10 : 3 }, (_, index) => index + 1);
const START = Date.UTC(2026, 4, 4, 6);
const END = START + 3_600_000;
const STAGES = { plant: "production", warehouse: "storage", shop: "delivery" } as const;

/** The true stays of a world's pallets, as rows. */
function trueStays(seed: number): object[] {
  const jam = planJam(START, END);
  const world = createWorld({ seed, startMs: START, trucks: 200, shelves: 0, probes: 0, gates: 40, jam });
  const truth = createGroundTruth([], START);
  for (const event of world.advance(END)) truth.record(event);
  return [...truth.pallets.values()].flatMap(({ pallet, stageChanges }) => {
    const known = stageChanges.filter(({ at }) => at <= END);
    const moves = known.filter(({ site }, at) => at === 0 || known[at - 1]!.site !== site);
    return moves.flatMap(({ at, site }, index) => {
      const place = SITES.find(({ name }) => name === site);
      // A delivered pallet waits for nothing.
      const delivered = known.find((change) => change.cause === "delivered" && change.site === site);
      const to = moves[index + 1]?.at ?? delivered?.at;
      if (place === undefined || to === at) return [];
      return [
        {
          number: pallet.number,
          from: at,
          to: to ?? null,
          location: SITES.indexOf(place) + 1,
          stage: STAGES[place.role],
          units: pallet.quantity,
        },
      ];
    });
  });
}

describe("the jam that a simulated world plants", () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi();
    const names = JSON.stringify(SITES.map(({ name, stage }) => ({ name, stage })));
    await api.db.pool.query(
      "INSERT INTO locations (name, stage) SELECT name, stage FROM jsonb_to_recordset($1::jsonb) AS t (name text, stage text)",
      [names],
    );
  });
  afterAll(() => api?.close());

  test.each(SEEDS)("is ranked first by what truly happened: seed %i", async (seed) => {
    await api.db.pool.query("DELETE FROM shipment_stays; DELETE FROM shipments");
    await api.db.pool.query(
      `WITH given AS MATERIALIZED (SELECT * FROM jsonb_to_recordset($1::jsonb) AS t (number int, "from" float8, "to" float8, location int, stage text, units int)),
      made AS (INSERT INTO shipments (tracking_number, product_name, quantity, status, stage, stage_since, created_at)
        SELECT DISTINCT ON (number) 'J' || number, 'goods', units, 'in_storage', 'storage', now(), now() FROM given RETURNING id, tracking_number)
      INSERT INTO shipment_stays (shipment_id, from_at, to_at, stage, location_id, ended_by, units)
      SELECT m.id, to_timestamp(g."from" / 1000), to_timestamp(g."to" / 1000), g.stage, g.location, CASE WHEN g."to" IS NOT NULL THEN 'moved' END, g.units
      FROM given g JOIN made m ON m.tracking_number = 'J' || g.number`,
      [JSON.stringify(trueStays(seed))],
    );
    const jam = planJam(START, END)!;
    const viewer = await api.as("viewer");
    const period = `from=${new Date(jam.fromMs).toISOString()}&to=${new Date(END).toISOString()}`;
    const { body } = await viewer(`GET /analytics/bottlenecks?${period}`);
    const [first, second] = body as unknown as { location_name: string; excess_unit_hours: number; trend: string }[];
    expect(first).toMatchObject({ location_name: jam.site.name, trend: "growing" });
    expect(first!.excess_unit_hours).toBeGreaterThan(1.3 * second!.excess_unit_hours);
  });
});
