import { expect } from "vitest";
import { ingestApiTest, twoTicks } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");
const MINUTE = 60_000;
const after = (minute: number) => new Date(T + minute * MINUTE).toISOString();

/** A shelf on a scale that reports when it is at rest, and a scanner. */
const test = ingestApiTest.extend("shelf", async ({ api, rig, world, viewer, n }) => {
  const shop = await world.location(`store ${n}`, "storage");
  const item = await world.item(`REM-${n}`, 250);
  const stock = await world.stock(item, shop, "scale");
  const scale = await world.device(`scale-${n}`, "scale", { location_id: shop, item_id: item });
  const scanner = await world.device(`scanner-${n}`, "scan", { location_id: shop });
  /** @param ageMinutes how long ago the reading was received */
  const weigh = async (pieces: number, minute: number, ageMinutes: number) => {
    const reading = { ts: T + minute * MINUTE, grams: pieces * 250, stable: true };
    await rig.publish(`devices/${scale}/scale`, reading, Date.now() - ageMinutes * MINUTE);
    await rig.settled();
  };
  const pick = async (quantity: number, minute: number) => {
    await rig.publish(`devices/${scanner}/scan`, {
      ts: T + minute * MINUTE,
      code: `REM-${n}`,
      action: "pick",
      quantity,
    });
    await rig.settled();
  };
  const events = async (query = ""): Promise<Record<string, unknown>[]> =>
    (await viewer(`GET /inventory-items/${stock}/events${query}`)).body as never;
  const removals = () => events("?type=unexplained_removal");
  /** the timers of the position: whether each is still to fire */
  const timers = async () => {
    const { rows } = await api.db.pool.query("SELECT fires_at > now() AS later FROM timers WHERE subject LIKE $1", [
      `${stock} %`,
    ]);
    return rows.map(({ later }) => later);
  };
  return { stock, scale, weigh, pick, events, removals, timers };
});

test("pieces taken from a shelf without an explanation are reported when its time has passed, and withdrawn when it comes", async ({
  shelf,
}) => {
  const { scale, weigh, pick, events, removals, timers } = shelf;
  await weigh(10, 0, 60);
  await weigh(7, 10, 60);
  await expect.poll(removals).toMatchObject([
    {
      at: after(12),
      quantity: 3,
      before: 10,
      after: 7,
      rule: "unexplained-removal",
      device_id: scale,
      evidence: [{ device_id: scale, kind: "scale", ts: after(10) }],
    },
  ]);
  expect((await events()).map(({ type }) => type)).toEqual(["counted", "counted", "unexplained_removal"]);
  await expect.poll(timers).toEqual([]);
  // The scan arrives late: the scanner was out of reach.
  await pick(3, 11);
  await expect.poll(removals).toEqual([]);
});

test("nothing is reported while an explanation may come, nor when it came first", async ({ api, rig, shelf }) => {
  const { weigh, pick, removals, timers } = shelf;
  await weigh(10, 0, 60);
  await pick(1, 9);
  await weigh(9, 10, 60);
  await weigh(5, 20, 0);
  await expect.poll(timers).toEqual([true]);
  await twoTicks(rig, "timers");
  expect(await removals()).toEqual([]);
  await rig.restart();
  await weigh(5, 23, 0);
  await api.db.pool.query("UPDATE timers SET fires_at = now()");
  await expect.poll(removals).toMatchObject([{ quantity: 4, at: after(22) }]);
});

test("a scale that delivers a backlog is judged by its own readings, not by the clock", async ({ shelf }) => {
  const { weigh, removals, timers } = shelf;
  await weigh(10, 0, 0);
  await weigh(6, 10, 0);
  await expect.poll(timers).toEqual([true]);
  await weigh(6, 30, 0);
  await expect.poll(removals).toMatchObject([{ quantity: 4, at: after(12) }]);
});

test("events come in pages", async ({ shelf, viewer }) => {
  const { stock, weigh, events } = shelf;
  for (const [minute, pieces] of [10, 11, 12, 13].entries()) await weigh(pieces, minute, 60);
  const all = await events();
  const first = await viewer(`GET /inventory-items/${stock}/events?limit=3`);
  const next = /<([^>]+)>/.exec(first.headers.get("link") ?? "")?.[1];
  const second = await viewer(`GET ${next}`);
  expect([...(first.body as unknown as unknown[]), ...(second.body as unknown as unknown[])]).toEqual(all);
  expect(all.map(({ quantity }) => quantity)).toEqual([10, 11, 12, 13]);
});
