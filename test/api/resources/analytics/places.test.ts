import { describe, expect, vi } from "vitest";
import { allPages, analyticsTest as test, type Row } from "./analytics-api.ts";

vi.setConfig({ testTimeout: 60_000 });

describe("dwell", () => {
  test("counts what still waits as at least so long, and says what is not known yet", async ({
    world,
    viewer,
    given,
    n,
  }) => {
    const place = await world.location(`dwell ${n}`, "storage");
    for (const hours of [1, 2, 3]) await given.stay({ location: place, from: 10 + hours, to: 10 });
    for (let at = 0; at < 3; at += 1) await given.stay({ location: place, from: 20 });
    const { body } = await viewer(`GET /analytics/dwell?location_id=${place}`);
    expect(body).toMatchObject([
      {
        stage: "storage",
        location_name: `dwell ${n}`,
        shipments: 6,
        shipments_left: 3,
        shipments_waiting: 3,
        p50_hours: 3,
        p90_hours: null,
      },
    ]);
    const [row] = body as unknown as Row[];
    expect(row).toMatchObject({
      p95_hours: null,
      not_reached: expect.stringMatching(/^p90, p95 not known yet: 3 of 6/),
    });
    expect(row!["longest_waiting_hours"]).toBeCloseTo(20, 1);
  });

  test("what was cancelled is no dwell that has ended", async ({ world, viewer, given, n }) => {
    const place = await world.location(`cancelled ${n}`, "storage");
    await given.stay({ location: place, from: 5, to: 4 });
    await given.stay({ location: place, from: 5, to: 4, end: "cancelled" });
    const { body } = await viewer(`GET /analytics/dwell?location_id=${place}`);
    expect(body).toMatchObject([
      { shipments: 2, shipments_left: 1, shipments_waiting: 0, p50_hours: 1, p90_hours: null },
    ]);
  });

  test("a place with all below it, a stage, a period; page by page the same rows", async ({
    world,
    viewer,
    given,
    api,
    n,
  }) => {
    const site = await world.location(`site ${n}`, "storage");
    const docks = [];
    for (let at = 0; at < 5; at += 1) docks.push(await world.location(`dock ${n} ${at}`, "storage"));
    await api.db.pool.query("UPDATE locations SET parent_id = $1 WHERE id = ANY ($2::int[])", [site, docks]);
    for (const dock of docks) {
      await given.stay({ location: dock, from: 3, to: 1 });
      await given.stay({ location: dock, from: 3, to: 2, stage: "delivery" });
      await given.stay({ location: dock, from: 24 * 40, to: 24 * 39 });
    }
    const path = `/analytics/dwell?location_id=${site}`;
    const all = (await viewer(`GET ${path}&limit=200`)).body as unknown as Row[];
    expect(all.map(({ stage, location_id }) => `${stage as string} ${location_id as number}`)).toEqual([
      ...docks.map((dock) => `delivery ${dock}`),
      ...docks.map((dock) => `storage ${dock}`),
    ]);
    // Each answer is as of its own time.
    const withoutTimes = (rows: Row[]) =>
      rows.map((row) => ({ ...row, from: null, to: null, as_of: null, longest_waiting_hours: null }));
    expect(withoutTimes(await allPages(viewer, path, 3))).toEqual(withoutTimes(all));
    expect(await allPages(viewer, `${path}&stage=delivery`, 200)).toHaveLength(5);
    const long = await allPages(viewer, `${path}&stage=storage&from=2020-01-01`, 200);
    expect(long).toMatchObject(docks.map(() => ({ shipments: 2 })));
  });

  test.for([
    ["from=2026-02-01&to=2026-01-01", /before it begins/],
    ["stage=nowhere", /stage/],
    ["cursor=bm8", /./],
    ["limit=0", /./],
    ["colour=red", /./],
  ] as const)("%s is refused", async ([query, words], { viewer }) => {
    const { status, body } = await viewer(`GET /analytics/dwell?${query}`);
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toMatch(words);
  });
});

describe("bottlenecks", () => {
  test("a jam comes before a busy place and before one where goods always stay long", async ({
    world,
    viewer,
    given,
    n,
  }) => {
    const [jam, busy, slow] = [
      await world.location(`jam ${n}`, "storage"),
      await world.location(`busy ${n}`, "storage"),
      await world.location(`slow ${n}`, "storage"),
    ];
    for (let at = 1; at <= 20; at += 1) {
      await given.stay({ location: jam, from: 100 + at, to: 99 + at, units: 10 });
      await given.stay({ location: slow, from: 200 + at, to: 50 + at, units: 10 });
      await given.stay({ location: slow, from: 20 + at, units: 10 });
    }
    for (let at = 1; at <= 60; at += 1) {
      await given.stay({ location: busy, from: 100 + at, to: 100 + at - (1 + (at % 5)), units: 10 });
      await given.stay({ location: busy, from: 8 + at / 10, to: 8 + at / 10 - (1 + (at % 5)), units: 10 });
    }
    for (let at = 1; at <= 8; at += 1) await given.stay({ location: jam, from: 12 - at, units: 10 });
    const rows = (await viewer("GET /analytics/bottlenecks?limit=200")).body as unknown as Row[];
    expect(rows[0]).toMatchObject({
      rank: 1,
      location_id: jam,
      stage: "storage",
      shipments_waiting: 8,
      units_waiting: 80,
    });
    expect(rows[0]).toMatchObject({ usual_p50_hours: 1, usual_of: "place", usual_stays: 20, hours_to_clear: null });
    expect(rows[0]!["reason"]).toMatch(
      /^8 shipments wait, the longest for 11 h; nine in ten take 1 h at most \(of 20 stays here\); more come \(8\) than leave \(0\)/,
    );
    expect(rows[0]!["excess_unit_hours"]).toBeCloseTo(10 * (10 + 9 + 8 + 7 + 6 + 5 + 4 + 3), 0);
    expect(rows.find(({ location_id }) => location_id === slow)).toMatchObject({
      excess_unit_hours: 0,
      trend: "steady",
    });
    expect(
      (await allPages(viewer, "/analytics/bottlenecks?stage=storage", 1)).map(({ location_id }) => location_id),
    ).toEqual(rows.filter(({ stage }) => stage === "storage").map(({ location_id }) => location_id));
  });

  test("pages go on with the ranking of the first one, whatever has happened since", async ({
    world,
    viewer,
    given,
    api,
    n,
  }) => {
    const site = await world.location(`ranked ${n}`, "storage");
    const [first, second, third] = [
      await world.location(`first ${n}`, "storage"),
      await world.location(`second ${n}`, "storage"),
      await world.location(`third ${n}`, "storage"),
    ];
    const places = [first, second, third];
    await api.db.pool.query("UPDATE locations SET parent_id = $1 WHERE id = ANY ($2::int[])", [site, places]);
    for (const [at, location] of places.entries()) {
      // Nothing has ever stayed here.
      for (let stay = 1; stay <= 5; stay += 1) await given.stay({ location, from: 100 + stay, to: 100 + stay });
      await given.stay({ location, from: 5 - at });
    }
    const path = `/analytics/bottlenecks?location_id=${site}`;
    const { body, headers } = await viewer(`GET ${path}&limit=1`);
    const [worst] = body as unknown as Row[];
    expect(worst).toMatchObject({ rank: 1, location_id: first });
    await given.stay({ location: third, from: 0, units: 1_000_000_000 });
    const ranking = async () =>
      ((await viewer(`GET ${path}`)).body as unknown as Row[]).map(({ location_id }) => location_id);
    await expect.poll(ranking).toEqual([third, first, second]);
    const [, next] = /<([^>]+)>/.exec(headers.get("link")!)!;
    const rest = await viewer(`GET ${next!.replace("limit=1", "limit=2")}`);
    expect(rest.headers.get("link")).toBeNull();
    const { from, as_of } = worst!;
    expect(rest.body).toMatchObject([
      { rank: 2, location_id: second, shipments_waiting: 1, from, as_of },
      { rank: 3, location_id: third, shipments_waiting: 1, from, as_of },
    ]);
  });

  test("a place without a past is compared with its stage, and says so; of a past time it tells of then", async ({
    world,
    viewer,
    given,
    n,
  }) => {
    const old = await world.location(`old ${n}`, "production");
    const fresh = await world.location(`new ${n}`, "production");
    for (let at = 1; at <= 10; at += 1)
      await given.stay({ location: old, stage: "production", from: 60 + at, to: 59 + at });
    await given.stay({ location: fresh, stage: "production", from: 5, units: 3 });
    const { body } = await viewer(`GET /analytics/bottlenecks?location_id=${fresh}`);
    expect(body).toMatchObject([
      { usual_of: "stage", usual_stays: 10, usual_p90_hours: 1, reason: expect.stringContaining("no past of its own") },
    ]);
    expect((body as unknown as Row[])[0]!["excess_unit_hours"]).toBeCloseTo(12, 1);
    const then = new Date(Date.now() - 6 * 3_600_000).toISOString();
    expect((await viewer(`GET /analytics/bottlenecks?location_id=${fresh}&to=${then}`)).body).toEqual([]);
  });
});

describe("throughput", () => {
  test("hours and days are the sums of what came and left; page by page the same rows", async ({
    world,
    viewer,
    given,
    n,
  }) => {
    const place = await world.location(`flow ${n}`, "storage");
    for (let at = 0; at < 30; at += 1)
      await given.stay({ location: place, from: 2 + at * 3, to: 1 + at * 2, units: 5 });
    await given.summed();
    const path = `/analytics/throughput?location_id=${place}&interval=hour`;
    const hours = await allPages(viewer, path, 200);
    expect(await allPages(viewer, path, 7)).toEqual(hours.map((row) => ({ ...row, as_of: expect.any(String) })));
    const days = await allPages(viewer, `/analytics/throughput?location_id=${place}`, 200);
    const sum = (rows: Row[], field: string) => rows.reduce((total, row) => total + Number(row[field]), 0);
    for (const rows of [hours, days]) {
      expect(sum(rows, "shipments_in")).toBe(30);
      expect(sum(rows, "units_out")).toBe(150);
    }
    expect(days.length).toBeLessThan(hours.length);
  });

  test("is as old as what is not summed yet", async ({ world, viewer, given, n }) => {
    await given.stay({ location: await world.location(`late ${n}`, "storage"), from: 2 });
    const before = Date.now();
    const place = await world.location(`summed ${n}`, "storage");
    await given.summed();
    await given.stay({ location: place, from: 3 });
    await given.summed();
    await given.stay({ location: place, from: 2 });
    const { body } = await viewer(`GET /analytics/throughput?location_id=${place}&interval=hour`);
    const [row] = body as unknown as Row[];
    expect(row).toMatchObject({ shipments_in: 1 });
    expect(Date.parse(String(row!["as_of"]))).toBeGreaterThanOrEqual(before);
  });
});
