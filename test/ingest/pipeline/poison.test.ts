import { expect } from "vitest";
import { ingestTest as test } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

test("one reading of 500 that the database refuses: 499 stored, one in quarantine with the reason, until it is retried", async ({
  db,
  rig,
  world,
}) => {
  const probe = await world.device("probe", "env");
  const neighbour = await world.device("neighbour", "env");
  await db.pool.query("ALTER TABLE env_readings ADD CONSTRAINT not_666 CHECK (celsius <> 666)");
  const readings = Array.from({ length: 500 }, (_, i) => ({ ts: T + i * 1000, seq: i, celsius: i === 321 ? 666 : 4 }));
  await Promise.all([
    rig.publish(`devices/${neighbour}/env`, { ts: T, celsius: 1 }),
    rig.publish(`devices/${probe}/env`, readings),
    rig.publish(`devices/${neighbour}/env`, { ts: T + 1, celsius: 2 }),
  ]);
  await rig.settled();
  expect(await world.quality(probe)).toMatchObject({ received: 500, stored: 499, quarantined: 1 });
  expect(await world.quality(neighbour)).toMatchObject({ received: 2, stored: 2, quarantined: 0 });
  const quarantined = async () =>
    (
      await db.pool.query<{ id: number; reason: string; detail: string; payload: Buffer }>(
        "SELECT id, reason, detail, payload FROM quarantine WHERE device_id = $1",
        [probe],
      )
    ).rows;
  const [row, ...others] = await quarantined();
  expect(others).toEqual([]);
  expect(row).toMatchObject({ reason: "refused-by-store", detail: expect.stringContaining("not_666") });
  expect(JSON.parse(row!.payload.toString())).toMatchObject({ seq: 321, celsius: 666 });

  const retry = () => db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE id = $1", [row!.id]);
  await retry();
  // It is refused again: the row stays, without the request.
  await expect
    .poll(async () => (await db.pool.query("SELECT FROM quarantine WHERE retry_requested_at IS NULL")).rowCount, {
      timeout: 15_000,
    })
    .toBe(1);
  expect(await world.quality(probe)).toMatchObject({ received: 500, stored: 499, quarantined: 1 });

  await db.pool.query("ALTER TABLE env_readings DROP CONSTRAINT not_666");
  await retry();
  await expect.poll(quarantined).toEqual([]);
  expect(await world.quality(probe)).toMatchObject({ received: 500, stored: 500, quarantined: 0 });
});

test("a retry stores a reading in a vendor's format that the database had refused", async ({ db, rig, world }) => {
  const scale = await world.device("line-scale", "scale", null, "scale-line");
  await db.pool.query("ALTER TABLE scale_readings ADD CONSTRAINT not_12345 CHECK (grams <> 12345)");
  await rig.publish(`devices/${scale}/raw`, Buffer.from("ST,GS,+  12.345kg\r\n"));
  await rig.settled();
  expect(await world.quality(scale)).toMatchObject({ received: 1, stored: 0, quarantined: 1 });
  await db.pool.query("ALTER TABLE scale_readings DROP CONSTRAINT not_12345");
  await db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE device_id = $1", [scale]);
  await expect.poll(() => world.quality(scale)).toMatchObject({ received: 1, stored: 1, quarantined: 0 });
});
