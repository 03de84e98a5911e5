import type pg from "pg";
import { expect, test as base } from "vitest";
import { openDeviceRegistry } from "../../../ingest/stores/caches/device-registry.ts";
import { type LoadedRegistry, loadDeviceRegistry } from "../../../ingest/stores/queries/device-registry.ts";
import { forgetRegistryChanges } from "../../../ingest/stores/queries/registry/changes.ts";
import { isVersionConflict, runWrites } from "../../../ingest/stores/statement.ts";
import { checkRegistry, type RegistryUse } from "../../../ingest/stores/writes/registry-version.ts";
import { createDatabase } from "../../support/postgres.ts";
import { worldIn } from "../../support/world.ts";

const test = base
  // oxlint-disable-next-line eslint/no-empty-pattern -- vitest reads from the pattern which fixtures are needed
  .extend("db", async ({}, { onCleanup }) => {
    const db = await createDatabase();
    onCleanup(() => db.drop());
    return db;
  })
  .extend("world", ({ db }) => worldIn(db.pool));

const CIRCLE = { lat: 50, lon: 10, radius_m: 100 };

test("a registry with changes applied is the registry as it is read whole, and shares every device that stayed", async ({
  db: { pool },
  world,
}) => {
  const [north, south] = [await world.location("north", "storage", CIRCLE), await world.location("south", "storage")];
  const [nuts, bolts] = [await world.item("nuts", 5), await world.item("bolts")];
  const nutsNorth = await world.stock(nuts, north);
  const devices = ["stays", "truck", "shelf", "gone"];
  for (const id of devices) await world.device(id, "gps");
  await world.mount("shelf", { location_id: north, item_id: nuts }, new Date(0));
  const stock = `${bolts}:${south}`;
  const changes: { what: string; run: () => Promise<unknown>; changed: string[] }[] = [
    { what: "a new device", run: () => world.device("new", "rfid"), changed: ["new"] },
    { what: "another decoder", run: () => update("devices SET decoder = 'osmand'", "truck"), changed: ["truck"] },
    { what: "a mount", run: () => world.mount("truck", { vehicle_id: 1 }, new Date(1_000)), changed: ["truck"] },
    { what: "a deleted device", run: () => pool.query("DELETE FROM devices WHERE id = 'gone'"), changed: ["gone"] },
    { what: "the same id again", run: () => world.device("gone", "scale"), changed: ["gone"] },
    {
      what: "a calibration",
      run: () =>
        pool.query(
          `INSERT INTO calibrations (device_id, item_id, since, pieces, unit_weight_grams, spread_grams, gross_grams, tare_grams, readings)
           VALUES ('shelf', $1, to_timestamp(2), 10, 5.1, 0.1, 51, 0, 5)`,
          [nuts],
        ),
      changed: ["shelf"],
    },
    {
      what: "the weight of what lies on a shelf",
      run: () => pool.query("UPDATE items SET unit_weight_grams = 6 WHERE id = $1", [nuts]),
      changed: ["shelf"],
    },
    { what: "a shelf's stock position", run: () => removeStock(pool, nutsNorth), changed: ["shelf"] },
    { what: "its return", run: () => world.stock(nuts, north), changed: ["shelf"] },
    { what: "a new stock position", run: () => world.stock(bolts, south), changed: [] },
    { what: "a new location", run: () => world.location("east", "production", CIRCLE), changed: [] },
    { what: "a moved geofence", run: () => updateFence(pool, north), changed: [] },
    { what: "a deleted location", run: () => pool.query("DELETE FROM locations WHERE name = 'east'"), changed: [] },
  ];
  let known = await loadDeviceRegistry(pool);
  for (const { what, run, changed } of changes) {
    await run();
    const updated = await loadDeviceRegistry(pool, known);
    const whole = await loadDeviceRegistry(pool);
    const ids = [...devices, "new"];
    expect(contentOf(updated, ids, [stock, `${nuts}:${north}`]), what).toEqual(
      contentOf(whole, ids, [stock, `${nuts}:${north}`]),
    );
    expect(updated.version, what).toBeGreaterThan(known.version);
    const others = ids.filter((id) => updated.devices.get(id) !== known.devices.get(id));
    expect(others, what).toEqual(changed);
    known = updated;
  }
  expect(await loadDeviceRegistry(pool, known)).toBe(known);

  function update(set: string, id: string) {
    return pool.query(`UPDATE ${set} WHERE id = $1`, [id]);
  }
});

test("what the registry does not hold changes no version: a name, a level, a vehicle", async ({
  db: { pool },
  world,
}) => {
  const stock = await world.stock(await world.item("nuts", 5), await world.location("north", "storage"));
  await world.device("tracker", "gps");
  const { version } = await loadDeviceRegistry(pool);
  await pool.query("UPDATE devices SET name = 'Tracker 7', rate_limit = 5, state = 'suspended'");
  await pool.query("UPDATE locations SET name = 'North'");
  await pool.query("UPDATE items SET name = 'Nuts M5'");
  await pool.query("UPDATE inventory_items SET quantity = 7 WHERE id = $1", [stock]);
  await world.vehicle("truck");
  expect((await loadDeviceRegistry(pool)).version).toBe(version);
});

test("a commit is refused for a change of what it used, and for no other", async ({ db: { pool }, world }) => {
  const place = await world.location("north", "storage", CIRCLE);
  const [nuts, bolts] = [await world.item("nuts"), await world.item("bolts")];
  const nutsId = await world.stock(nuts, place);
  for (const id of ["tracker", "other"]) await world.device(id, "gps");
  const use: RegistryUse = { deviceIds: ["tracker", "not-yet"], stockIds: [nutsId] };
  const changes: { what: string; run: () => Promise<unknown>; refused: boolean; use?: RegistryUse }[] = [
    { what: "nothing", run: () => Promise.resolve(), refused: false },
    { what: "another device registered", run: () => world.device("third", "rfid"), refused: false },
    { what: "another device mounted", run: () => world.mount("other", { vehicle_id: 1 }, new Date(0)), refused: false },
    { what: "another device deleted", run: () => pool.query("DELETE FROM devices WHERE id = 'third'"), refused: false },
    { what: "its device mounted", run: () => world.mount("tracker", { vehicle_id: 2 }, new Date(0)), refused: true },
    { what: "its device deleted", run: () => pool.query("DELETE FROM devices WHERE id = 'tracker'"), refused: true },
    { what: "its device back again", run: () => world.device("tracker", "gps"), refused: true },
    { what: "an unknown sender registered", run: () => world.device("not-yet", "gps"), refused: true },
    { what: "another product kept there", run: () => world.stock(bolts, place), refused: false },
    {
      what: "a product it looked for, kept there now",
      run: () => pool.query("UPDATE inventory_items SET source = 'rfid' WHERE item_id = $1", [bolts]),
      refused: true,
      use: { ...use, looksUpStock: true },
    },
    {
      what: "another governing source of its stock",
      run: () => pool.query("UPDATE inventory_items SET source = 'scale' WHERE id = $1", [nutsId]),
      refused: true,
    },
    { what: "its stock position deleted", run: () => removeStock(pool, nutsId), refused: true },
    { what: "a geofence", run: () => updateFence(pool, place), refused: true },
  ];
  for (const { what, run, refused, use: used = use } of changes) {
    const registry = await loadDeviceRegistry(pool);
    await run();
    expect(await isRefused(pool, registry, used), what).toBe(refused);
  }
});

test("of 100 devices registered among 10,000, only these are read", async ({ db: { pool, listener } }) => {
  await pool.query("INSERT INTO devices (id, kind) SELECT 'd' || n, 'gps' FROM generate_series(1, 10000) AS t (n)");
  const counted = countingRows(pool);
  const registry = await openDeviceRegistry(counted.pool, listener);
  await expect.poll(async () => (await registry.current()).devices.has("d10000")).toBe(true);
  expect(counted.rows()).toBeGreaterThan(10_000);
  const before = counted.rows();
  for (let n = 1; n <= 100; n += 1) {
    await pool.query("INSERT INTO devices (id, kind) VALUES ($1, 'gps')", [`e${n}`]);
    registry.invalidate();
    expect((await registry.current()).devices.has(`e${n}`)).toBe(true);
  }
  await registry.close();
  // The version, the change and the device.
  expect(counted.rows() - before).toBeLessThanOrEqual(300);
});

test("a process that was away for longer than changes are remembered reads the registry whole", async ({
  db: { pool },
  world,
}) => {
  await world.device("tracker", "gps");
  const known = await loadDeviceRegistry(pool);
  await pool.query("DELETE FROM devices");
  await pool.query("UPDATE registry_changes SET changed_at = now() - interval '2 days'");
  expect(await forgetRegistryChanges(pool, 100)).toBe(1);
  expect(await forgetRegistryChanges(pool, 100)).toBe(0);
  expect(await isRefused(pool, known, { deviceIds: [], stockIds: [] })).toBe(true);
  const now = await loadDeviceRegistry(pool, known);
  expect(now.devices.has("tracker")).toBe(false);
  expect(await isRefused(pool, now, { deviceIds: ["tracker"], stockIds: [] })).toBe(false);
});

async function isRefused(pool: pg.Pool, registry: LoadedRegistry, use: RegistryUse): Promise<boolean> {
  try {
    await runWrites(pool, [checkRegistry(registry, use)]);
    return false;
  } catch (error) {
    if (!isVersionConflict(error)) throw error;
    return true;
  }
}

/** Everything that rules ask a registry, of these devices and stock positions. */
function contentOf({ version, devices, places, fenced, fences, stock }: LoadedRegistry, ids: string[], keys: string[]) {
  return {
    version,
    devices: ids.map((id) => devices.get(id)),
    known: ids.map((id) => devices.has(id)),
    places: [...places].toSorted(([a], [b]) => a - b),
    fenced: [...fenced].toSorted(([a], [b]) => a - b),
    near: fences.near(CIRCLE).map(({ locationId }) => locationId),
    stock: keys.map((key) => stock.get(key)),
  };
}

const removeStock = (pool: pg.Pool, id: number) => pool.query("DELETE FROM inventory_items WHERE id = $1", [id]);
const updateFence = (pool: pg.Pool, id: number) =>
  pool.query("UPDATE locations SET geofence = jsonb_set(geofence, '{radius_m}', '250') WHERE id = $1", [id]);

/** The pool, counting the rows that are read through its connections. */
function countingRows(pool: pg.Pool): { pool: pg.Pool; rows: () => number } {
  let rows = 0;
  function counting(client: pg.PoolClient): pg.PoolClient {
    const read = client.query.bind(client) as (...asked: unknown[]) => Promise<pg.QueryResult>;
    return withOther(client, "query", async (...asked: unknown[]) => {
      const result = await read(...asked);
      rows += result.rows.length;
      return result;
    });
  }
  return { pool: withOther(pool, "connect", async () => counting(await pool.connect())), rows: () => rows };
}

/** `target` with another method of this name. */
function withOther<T extends object>(target: T, name: keyof T, method: unknown): T {
  return new Proxy(target, {
    get(_, key) {
      if (key === name) return method;
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
