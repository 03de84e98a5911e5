import { expect } from "vitest";
import { readingsInPostgres } from "../../../ingest/stores/queries/stored-readings.ts";
import { deriveLanes } from "../../../ingest/workers/estimates/lane-history.ts";
import { databaseTest } from "../../support/database-test.ts";
import { worldIn } from "../../support/world.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;

type Crossing = readonly [type: "arrived" | "departed", place: number, at: number];

const test = databaseTest.extend("history", async ({ db }) => {
  const world = worldIn(db.pool);
  const fence = (lat: number) => ({ lat, lon: 11, radius_m: 300 });
  const [depot, shop] = [
    await world.location("Depot", "storage", fence(48)),
    await world.location("Shop", "delivery", fence(48.5)),
  ];
  const changed = (vehicle: number) =>
    db.pool.query(
      `INSERT INTO fold_versions AS v (subject, version) VALUES ('vehicle:' || $1::int, 1) ON CONFLICT (subject) DO UPDATE SET version = v.version + 1`,
      [vehicle],
    );
  return {
    ...{ depot, shop, world, changed },
    record: async (vehicle: number, crossings: readonly Crossing[]) => {
      for (const [type, locationId, at] of crossings) {
        await db.pool.query(
          `INSERT INTO facts (key, subject, at, type, data, rule, device_id) VALUES ($1, $2, to_timestamp($3::float8 / 1000), $4, $5, 'position', 'tracker')
          ON CONFLICT (key) DO UPDATE SET withdrawn_at = NULL`,
          [`${vehicle} ${type} ${locationId} ${at}`, `vehicle:${vehicle}`, at, type, JSON.stringify({ locationId })],
        );
      }
      await changed(vehicle);
    },
    withdraw: async (vehicle: number, at: number) => {
      await db.pool.query(
        "UPDATE facts SET withdrawn_at = now() WHERE subject = $1 AND at = to_timestamp($2::float8 / 1000)",
        [`vehicle:${vehicle}`, at],
      );
      await changed(vehicle);
    },
    derive: async () => {
      while ((await deriveLanes(db.pool, readingsInPostgres, { wholeAfterMs: -1 })) > 0);
    },
    kept: async (vehicle: number) => {
      const { rows: runs } = await db.pool.query<object>(
        `SELECT origin_id, destination_id, departed_at, arrived_at, curve FROM lane_runs WHERE vehicle_id = $1 ORDER BY 3, 2`,
        [vehicle],
      );
      const { rows: dwells } = await db.pool.query<object>(
        "SELECT location_id, arrived_at, departed_at FROM stop_dwells WHERE vehicle_id = $1 ORDER BY 2",
        [vehicle],
      );
      const { rows: legs } = await db.pool.query<object>(
        "SELECT place_id, since, departed_from, departed_at FROM vehicle_legs WHERE vehicle_id = $1",
        [vehicle],
      );
      return { runs, dwells, legs };
    },
  };
});

test("late facts, withdrawn ones and those that are derived again end in the history that the facts alone give", async ({
  history,
}) => {
  const { depot, shop, world, record, withdraw, derive, kept } = history;
  const [first, second] = [await world.vehicle("First"), await world.vehicle("Second")];
  const day = (days: number): Crossing[] => {
    const at = NOW - days * DAY;
    return [
      ...([
        ["departed", depot, at],
        ["arrived", shop, at + 60 * MINUTE],
        ["departed", shop, at + 80 * MINUTE],
      ] as const),
      ["arrived", depot, at + 150 * MINUTE],
    ];
  };
  // In order, derived once.
  await record(first, [20, 2, 1].flatMap(day));
  await derive();
  // Piece by piece: the newest first, with an arrival that was wrong, one that is withdrawn and comes back, and one that is weeks late.
  await record(second, day(1));
  await record(second, [["arrived", shop, NOW - 2 * DAY + 30 * MINUTE]]);
  await derive();
  await record(second, day(2));
  await withdraw(second, NOW - DAY + 60 * MINUTE);
  await derive();
  expect((await kept(second)).runs).not.toEqual((await kept(first)).runs);
  await withdraw(second, NOW - 2 * DAY + 30 * MINUTE);
  await record(second, [["arrived", shop, NOW - DAY + 60 * MINUTE]]);
  await record(second, day(20));
  await derive();
  const { runs, dwells, legs } = await kept(first);
  expect(runs).toHaveLength(6);
  expect(dwells).toHaveLength(5);
  expect(legs).toMatchObject([{ place_id: depot, departed_from: null }]);
  expect(await kept(second)).toEqual({ runs, dwells, legs });
});

test("of a lane and of a place the newest are kept, and a look at what has not changed changes nothing", async ({
  history,
  db,
}) => {
  const { depot, shop, world, record, derive } = history;
  const vehicle = await world.vehicle("Shuttle");
  const rounds = Array.from({ length: 70 }, (_, index) => NOW - (80 - index) * 100 * MINUTE);
  await record(
    vehicle,
    rounds.flatMap((at): Crossing[] => [
      ["departed", depot, at],
      ["arrived", shop, at + 40 * MINUTE],
      ["departed", shop, at + 50 * MINUTE],
      ["arrived", depot, at + 90 * MINUTE],
    ]),
  );
  await derive();
  const counted = async () => {
    const { rows } = await db.pool.query<Record<string, unknown>>(
      `SELECT (SELECT count(*)::int FROM lane_runs WHERE origin_id = $1 AND destination_id = $2) AS runs,
        (SELECT count(*)::int FROM stop_dwells WHERE location_id = $2) AS dwells,
        (SELECT array_agg(xmin::text ORDER BY departed_at) FROM lane_runs WHERE origin_id = $1 AND destination_id = $2) AS written,
        (SELECT min(departed_at) FROM lane_runs WHERE vehicle_id = $3 AND origin_id = $1) AS oldest`,
      [depot, shop, vehicle],
    );
    return rows[0]!;
  };
  const before = await counted();
  expect(before).toMatchObject({ runs: 30, dwells: 60 });
  expect((before["oldest"] as Date).getTime()).toBe(rounds[40]);
  await history.changed(vehicle);
  await derive();
  expect(await counted()).toEqual(before);
});
