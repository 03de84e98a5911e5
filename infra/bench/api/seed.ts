import type pg from "pg";

/** A day of fixes, one in ten seconds. */
const FIXES = 8_640;
const CHUNK = 50_000;

/**
 * Adds stock positions of many items at the bench's yards, with levels from 0 to 999. Each was counted once: its level is the sum of its
 * movements, as the nightly check wants it, and a fold of its facts gives the same.
 */
export async function seedStock(pool: pg.Pool, positions: number): Promise<void> {
  const client = await pool.connect();
  try {
    // The triggers keep ingest's registry and the search, which have no part in what is measured.
    await client.query("ALTER TABLE items DISABLE TRIGGER USER; ALTER TABLE inventory_items DISABLE TRIGGER USER");
    const items = Math.ceil(positions / 1000);
    await client.query(
      "INSERT INTO items (sku, name) SELECT 'bench-' || n, 'Item ' || n FROM generate_series(1, $1::int) n",
      [items],
    );
    await client.query("CREATE TEMP TABLE bench_items AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM items");
    await client.query(
      "CREATE TEMP TABLE bench_places AS SELECT id, row_number() OVER (ORDER BY id) AS n FROM locations",
    );
    const { rows } = await client.query<{ places: number }>("SELECT count(*)::int AS places FROM bench_places");
    const places = rows[0]!.places;
    if (places * items < positions) throw new RangeError(`${places} places are too few for ${positions} positions`);
    for (let from = 0; from < positions; from += CHUNK) {
      await client.query(
        `WITH levels AS (
          SELECT i.id AS item, p.id AS place, abs(hashint4(s) % 1000) AS level, 'bench:' || s AS key, t.at, extract(epoch FROM t.at) * 1000 AS ms
          FROM (SELECT date_trunc('milliseconds', now()) AS at) t, generate_series($1::int, $2::int - 1) s
            JOIN bench_items i ON i.n = 1 + s / $3::int JOIN bench_places p ON p.n = 1 + s % $3::int
        ), placed AS (
          -- What the fold of its one fact gives (ingest/domain/stock/stock.ts).
          INSERT INTO inventory_items (item_id, location_id, quantity, measured_at, fold)
          SELECT item, place, level, at, jsonb_build_object('quantity', level, 'measuredAt', ms, 'ledger', level, 'scale', null, 'rfid', null,
            'differsSince', null, 'suspect', null, 'lastFact', jsonb_build_object('at', ms, 'key', key)) FROM levels
          RETURNING id, quantity, measured_at AS at, fold -> 'lastFact' ->> 'key' AS key
        ), counted AS (
          INSERT INTO facts (key, subject, at, type, data, rule)
          SELECT key, 'stock:' || id, at, 'counted', jsonb_build_object('quantity', quantity, 'source', 'person'), 'person' FROM placed
          RETURNING id, key
        )
        INSERT INTO movements (id, inventory_item_id, at, delta, level)
        SELECT c.id, p.id, p.at, p.quantity, p.quantity FROM placed p JOIN counted c ON c.key = p.key`,
        [from, Math.min(positions, from + CHUNK), places],
      );
    }
    await client.query("ALTER TABLE items ENABLE TRIGGER USER; ALTER TABLE inventory_items ENABLE TRIGGER USER");
    await client.query(
      "DROP TABLE bench_items, bench_places; ANALYZE items; ANALYZE inventory_items; ANALYZE facts; ANALYZE movements",
    );
  } finally {
    client.release();
  }
}

/** Gives a shipment that is on a vehicle a day of fixes by a further tracker. @returns the shipment's id */
export async function seedTrack(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ shipment: number; vehicle: number; since: Date }>(
    `SELECT shipment_id AS shipment, vehicle_id AS vehicle, from_at AS since FROM shipment_on_vehicle WHERE to_at IS NULL
    ORDER BY shipment_id DESC LIMIT 1`,
  );
  const { shipment, vehicle, since } = rows[0]!;
  await pool.query("INSERT INTO devices (id, kind, decoder) VALUES ('bench-day', 'gps', 'native')");
  await pool.query("INSERT INTO device_mounts (device_id, since, mount) VALUES ('bench-day', $1, $2)", [
    since,
    { vehicle_id: vehicle },
  ]);
  await pool.query(
    `INSERT INTO gps_readings (device_id, ts, seq, received_at, content_hash, lat, lon, speed)
    SELECT 'bench-day', $1::timestamptz + n * interval '10 seconds', -1, now(), n, 48 + n / 20000.0, 11 + n / 20000.0, 22
    FROM generate_series(1, $2::int) n`,
    [since, FIXES],
  );
  return shipment;
}
