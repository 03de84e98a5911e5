import { expect } from "vitest";
import { ingestTest } from "../../support/ingest-test.ts";

const T = Date.parse("2026-03-01T08:00:00Z");

const test = ingestTest
  .extend("quarantined", ({ db }) => async (deviceId: string) => {
    const { rows } = await db.pool.query<{ reason: string; detail: string; payload: Buffer }>(
      "SELECT reason, detail, payload FROM quarantine WHERE device_id = $1 ORDER BY id",
      [deviceId],
    );
    return rows;
  })
  .extend(
    "retry",
    ({ db }) =>
      (deviceId: string) =>
        db.pool.query("UPDATE quarantine SET retry_requested_at = now() WHERE device_id = $1", [deviceId]),
  );

test.for([
  ["at once", ""],
  ["at the end of the transaction", "DEFERRABLE INITIALLY DEFERRED"],
])(
  "two readings that the database refuses only together, %s: the later one goes to quarantine, 499 are stored",
  async ([when, timing], { db, rig, world, quarantined, retry }) => {
    const probe = await world.device(`pair ${when}`.replaceAll(" ", "-"), "env");
    const neighbour = await world.device(`beside ${when}`.replaceAll(" ", "-"), "env");
    await db.pool.query(
      `CREATE OR REPLACE FUNCTION not_both() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF (SELECT count(*) FROM env_readings WHERE device_id = NEW.device_id AND celsius IN (100, 321)) > 1 THEN
        RAISE EXCEPTION 'not 100 and 321 both' USING ERRCODE = 'check_violation';
      END IF; RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER not_both AFTER INSERT ON env_readings ${timing} FOR EACH ROW EXECUTE FUNCTION not_both()`,
    );
    const readings = Array.from({ length: 500 }, (_, i) => ({ ts: T + i * 1000, seq: i, celsius: i }));
    await Promise.all([
      rig.publish(`devices/${neighbour}/env`, { ts: T, celsius: 1 }),
      rig.publish(`devices/${probe}/env`, readings),
      rig.publish(`devices/${neighbour}/env`, { ts: T + 1, celsius: 2 }),
    ]);
    await rig.settled();
    expect(await world.quality(probe)).toMatchObject({ received: 500, stored: 499, quarantined: 1 });
    expect(await world.quality(neighbour)).toMatchObject({ received: 2, stored: 2, quarantined: 0 });
    const rows = await quarantined(probe);
    expect(rows).toMatchObject([
      { reason: "refused-by-store", detail: expect.stringContaining("not 100 and 321 both") },
    ]);
    expect(JSON.parse(rows[0]!.payload.toString())).toMatchObject({ seq: 321 });

    // DROP TRIGGER looks for the copies on partitions before it locks the table: one that is being attached would keep its copy.
    await db.pool.query(
      "BEGIN; LOCK TABLE ONLY env_readings IN ACCESS EXCLUSIVE MODE; DROP TRIGGER not_both ON env_readings; COMMIT",
    );
    await retry(probe);
    await expect.poll(() => quarantined(probe)).toEqual([]);
    expect(await world.quality(probe)).toMatchObject({ received: 500, stored: 500, quarantined: 0 });
  },
);

test("a rule that throws on the state of one device: its readings go to quarantine, the others are stored", async ({
  db,
  rig,
  world,
  quarantined,
  retry,
}) => {
  const [broken, neighbour] = [await world.device("scale-a", "scale"), await world.device("scale-b", "scale")];
  const location = await world.location("store", "storage");
  const item = await world.item("SKU-1", 100);
  await world.stock(item, location, "scale");
  await world.mount(broken, { location_id: location, item_id: item, tare_grams: 0 }, new Date(0));
  const send = (id: string, i: number) => rig.publish(`devices/${id}/scale`, { ts: T + i * 1000, seq: i, grams: 1000 });
  await send(broken, 0);
  await rig.settled();
  const setState = (base: object | null) =>
    db.pool.query(
      "UPDATE device_states SET version = version + 1, signal = jsonb_set(signal::jsonb, '{scale,base}', $2)::text WHERE device_id = $1",
      [broken, JSON.stringify(base)],
    );
  await setState(null);
  await Promise.all([1, 2, 3].flatMap((i) => [send(broken, i), send(neighbour, i)]));
  await rig.settled();
  expect(await world.quality(neighbour)).toMatchObject({ received: 3, stored: 3, quarantined: 0 });
  expect(await world.quality(broken)).toMatchObject({ received: 4, stored: 1, quarantined: 3 });
  expect((await quarantined(broken))[0]).toMatchObject({ detail: expect.stringContaining("null") });

  await setState({ run: null, unsettled: null, counted: null, zero: { units: 0, at: null }, doubt: null });
  await retry(broken);
  await expect.poll(() => quarantined(broken)).toEqual([]);
  expect(await world.quality(broken)).toMatchObject({ received: 4, stored: 4, quarantined: 0 });
});

test("a message whose bytes the database refuses goes to quarantine, the others are decoded", async ({
  db,
  rig,
  world,
  quarantined,
  retry,
}) => {
  const scale = await world.device("line-scale", "scale", null, "scale-line");
  await db.pool.query("ALTER TABLE raw_messages ADD CONSTRAINT short CHECK (length(payload) < 20)");
  const lines = ["ST,GS,+  1.000kg\r\n", "ST,GS,+  2.000kg\r\nST,GS,+  3.000kg\r\n", "ST,GS,+  4.000kg\r\n"];
  await Promise.all(lines.map((text, i) => rig.publish(`devices/${scale}/raw`, Buffer.from(text), T + i)));
  await rig.settled();
  expect(await quarantined(scale)).toMatchObject([
    { reason: "refused-by-store", detail: expect.stringContaining("short") },
  ]);
  const counts = await world.quality(scale);
  expect(counts).toMatchObject({ received: 3, quarantined: 1 });
  await db.pool.query("ALTER TABLE raw_messages DROP CONSTRAINT short");
  await retry(scale);
  await expect.poll(() => quarantined(scale)).toEqual([]);
  expect((await world.quality(scale))!.received).toBeGreaterThan(3);
});
