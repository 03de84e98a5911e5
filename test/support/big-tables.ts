import pg from "pg";
import { inject } from "vitest";

/** What a large installation holds. Values are spread by a hash, so that no column follows another. */
/** Of the n-th row of a table: half are red and common, few have a length of 7, a thousandth are rare. */
const CUSTOM = `jsonb_build_object('colour', CASE WHEN n % 2 = 0 THEN 'red' ELSE 'green' END, 'length', pg_temp.spread(n, 5000)),
      CASE WHEN n % 1000 = 0 THEN '["common", "rare"]' WHEN n % 2 = 0 THEN '["common"]' ELSE '[]' END::jsonb`;
const valuesOf = (thing: string): string =>
  `SELECT '${thing}', v.field, v.value, t.id FROM ${thing} t, custom_values_of(t.attributes, t.tags) v`;

/** A table, and the SQL that fills it. `$all` is the number of rows, `$n` a tenth of it; `pg_temp.spread(n, size)` is 0 to size - 1. */
export type BigTable = readonly [table: string, select: string];

const TABLES: readonly BigTable[] = [
  [
    "locations",
    `(name, stage, capacity_units, kind, attributes, tags) SELECT 'site ' || n, (ARRAY['production','storage','transportation','delivery'])[1 + n % 4], 1000,
      CASE WHEN n % 1000 = 0 THEN 'quality' ELSE 'storage' END, ${CUSTOM} FROM generate_series(1, 2000) n`,
  ],
  [
    "items",
    `(sku, name, gtin, barcode, attributes, tags) SELECT 'SKU-' || n, 'product ' || md5(n::text), lpad(n::text, 14, '0'), 'B' || n, ${CUSTOM} FROM generate_series(1, $n) n`,
  ],
  [
    "parties",
    `(name, roles, reference, email, attributes, tags) SELECT 'party ' || md5(n::text), CASE WHEN n % 1000 = 0 THEN '["carrier"]' ELSE '["customer","owner"]' END::jsonb,
      'R-' || n, 'mail' || n || '@example.com', ${CUSTOM} FROM generate_series(1, $n) n`,
  ],
  [
    "vehicles",
    `(name, plate, attributes, tags) SELECT 'truck ' || md5(n::text), 'M-' || n, ${CUSTOM} FROM generate_series(1, $n) n`,
  ],
  [
    "inventory_items",
    `(item_id, location_id, quantity, reorder_point, measured_at, owner_id) SELECT 1 + n % $n, 1 + (n / $n + n % $n * 17) % 2000, pg_temp.spread(n, 1000),
      CASE WHEN pg_temp.spread(n + 1, 5000) = 0 THEN 1000 ELSE 0 END, now(), CASE WHEN n % 50 = 0 THEN 1 + pg_temp.spread(n, 500) END FROM generate_series(0, $all - 1) n`,
  ],
  [
    "movements",
    `(id, inventory_item_id, at, delta, level) SELECT row_number() OVER (ORDER BY hashint4(id)), id, now(), quantity, quantity FROM inventory_items`,
  ],
  [
    "shipments",
    `(tracking_number, product_name, quantity, status, stage, stage_since, location_id, vehicle_id, origin_id, destination_id, due_at, reference, owner_id, profiles, created_at, updated_at, attributes, tags)
      SELECT 'WS' || lpad(n::text, 10, '0'), 'product ' || md5(n::text), 1, CASE WHEN n > $all * 0.98 THEN 'in_storage' WHEN n % 1000 = 0 THEN 'exception' ELSE 'delivered' END,
        (ARRAY['production','storage','transportation','delivery'])[1 + n % 4], now(), 1 + pg_temp.spread(n, 1990), CASE WHEN n % 100 = 0 THEN 1 + pg_temp.spread(n, $n / 2) END,
        1 + pg_temp.spread(n + 1, 1990), 1 + pg_temp.spread(n + 2, 1990), now() - ($all * 0.99 - n) * interval '1 minute', 'PO-' || n,
        CASE WHEN n % 50 = 0 THEN 1 + pg_temp.spread(n, 500) END,
        CASE WHEN n % 5 = 0 THEN '{cold_chain}'::text[] WHEN n % 5000 = 1 THEN '{high_value}' ELSE '{}' END,
        now(), now() - ($all - n) * interval '1 second', ${CUSTOM} FROM generate_series(1, $all) n`,
  ],
  [
    "arrival_estimates",
    `(shipment_id, eta, p90, basis, runs, in_time, due_at, late, at_risk, position_at) SELECT id, now(), now(), 'lane_history', 12, true, due_at, id % 50 = 0, id % 50 = 1, now()
      FROM shipments WHERE id > $all * 0.98`,
  ],
  [
    "eta_checks",
    `(departure, destination_id, horizon, origin_id, basis, made_at, p50, p90, arrived_at) SELECT 'd' || n, 1 + n % 100, (ARRAY[15, 30, 60, 120])[1 + n % 4],
      1 + pg_temp.spread(n, 1990), 'lane_history', now() - interval '1 hour', now(), now(), now() FROM generate_series(1, $n) n`,
  ],
  [
    // In its order, which is several times faster.
    "custom_values",
    `${["items", "locations", "parties", "shipments", "vehicles"].map(valuesOf).join(" UNION ALL ")} ORDER BY 1, 2, 3, 4`,
  ],
  [
    "custom_fields",
    `(thing, name, label, type, choices) SELECT thing, field, field, CASE field WHEN 'length' THEN 'number' ELSE 'choice' END,
      CASE field WHEN 'length' THEN '[]' ELSE '["red", "green", "blue"]' END::jsonb
      FROM unnest('{items,locations,parties,shipments,vehicles}'::text[]) thing, unnest('{colour,length}'::text[]) field`,
  ],
  [
    "shipment_texts",
    `(shipment_id, content) SELECT id, lower(concat_ws(' ', tracking_number, product_name, reference)) FROM shipments`,
  ],
  [
    "orders",
    `(kind, status, customer_id, location_id, order_date) SELECT (ARRAY['customer','restock'])[1 + n % 2], CASE WHEN n % 10000 = 0 THEN 'draft' ELSE 'closed' END,
      1 + pg_temp.spread(n, $n), 1 + pg_temp.spread(n + 1, 1990), now() FROM generate_series(1, $all) n`,
  ],
  [
    "order_lines",
    `(order_id, line, item_id, quantity) SELECT n, 1, 1 + pg_temp.spread(n, $n), 5 FROM generate_series(1, $all) n`,
  ],
  [
    "reservations",
    `(order_id, line, inventory_item_id, quantity) SELECT n, 1, 1 + pg_temp.spread(n, $all), 1 FROM generate_series(1, $n) n`,
  ],
  ["pick_lists", `(status) SELECT CASE WHEN n % 1000 = 0 THEN 'open' ELSE 'done' END FROM generate_series(1, $n) n`],
  ["drivers", `(name) SELECT 'driver ' || n FROM generate_series(1, $n) n`],
  [
    // One after the other, half an hour each: trips of one vehicle do not overlap.
    "trips",
    `(vehicle_id, driver_id, driver_name, starts_at, ends_at, status) SELECT 1 + pg_temp.spread(n, $n / 2), CASE WHEN n % 2 = 0 THEN 1 + pg_temp.spread(n, $n) END,
      CASE WHEN n % 2 = 1 THEN 'name ' || n END, now() - ($n - n) * interval '30 minutes', now() - ($n - n) * interval '30 minutes' + interval '29 minutes',
      CASE WHEN n % 1000 = 0 THEN 'under_way' ELSE 'completed' END FROM generate_series(1, $n) n`,
  ],
  [
    "trip_stops",
    `(trip_id, sequence, location_id, window_from, window_to) SELECT n, 1, 1 + pg_temp.spread(n, 1990), now(), now() FROM generate_series(1, $n) n`,
  ],
  [
    "trip_stop_shipments",
    `(trip_id, sequence, shipment_id, action) SELECT n, 1, 1 + pg_temp.spread(n, $all), 'load' FROM generate_series(1, $n) n`,
  ],
  [
    "pick_tasks",
    `(pick_list_id, task, order_id, line, inventory_item_id, quantity, picked) SELECT n, 1, n, 1, 1 + pg_temp.spread(n, $all), 1, 1 FROM generate_series(1, $n) n`,
  ],
  [
    "devices",
    `(id, kind) SELECT 'device-' || lpad(n::text, 7, '0'), CASE WHEN n % 1000 = 0 THEN 'scale' WHEN n % 3 = 0 THEN 'rfid' ELSE 'gps' END FROM generate_series(1, $n) n`,
  ],
  [
    "device_mounts",
    `(device_id, since, mount) SELECT id, to_timestamp(0), CASE WHEN kind = 'gps' THEN jsonb_build_object('vehicle_id', right(id, 7)::int) ELSE jsonb_build_object('location_id', 1 + pg_temp.spread(right(id, 7)::int, 1990)) END FROM devices`,
  ],
  [
    "quarantine",
    `(source, device_id, topic, payload, reason, received_at) SELECT n::text, 'device-' || lpad((1 + pg_temp.spread(n, $n))::text, 7, '0'), 'devices/x/gps', '',
      CASE WHEN n % 1000 = 0 THEN 'unknown-device' ELSE 'not-json' END, now() FROM generate_series(1, $n) n`,
  ],
  [
    "cycle_counts",
    `(inventory_item_id, state, reason) SELECT id, CASE WHEN id % 1000 = 0 THEN 'open' ELSE 'counted' END, 'asked' FROM inventory_items WHERE id % 10 = 0`,
  ],
  [
    "alerts",
    `(rule_id, type, severity, subject, inventory_item_id, location_id, state, detail, happened_at, resolved_at, assigned_to)
      SELECT 1, 'low_stock', CASE WHEN n % 1000 = 0 THEN 'critical' ELSE 'warning' END, 'inventory_item:' || i.id, i.id, i.location_id,
        CASE WHEN n > $n * 0.98 THEN 'open' ELSE 'resolved' END, '{}', now(), CASE WHEN n <= $n * 0.98 THEN now() END, CASE WHEN n % 1000 = 0 THEN 7 END
      FROM generate_series(1, $n) n JOIN inventory_items i ON i.id = 1 + pg_temp.spread(n, $all)`,
  ],
  [
    // Of shipments under way a tenth has left its route, few are lit, and others were.
    "alerts",
    `(rule_id, type, severity, subject, shipment_id, location_id, state, detail, happened_at, resolved_at)
      SELECT 2, CASE WHEN id % 10 = 0 THEN 'off_route' ELSE 'light' END, 'critical', 'shipment:' || id, id, location_id,
        CASE WHEN id % 10 = 0 OR id % 1000 = 1 THEN 'open' ELSE 'resolved' END, '{}', now(), CASE WHEN id % 10 <> 0 AND id % 1000 <> 1 THEN now() END
      FROM shipments WHERE id > $all * 0.98 AND id % 10 < 3`,
  ],
  [
    // In its order, which is several times faster.
    "search_words",
    `SELECT 'shipment', w.later, w.words, s.id::text FROM shipments s, search_words_of(ARRAY[tracking_number, product_name, reference]) w
      UNION ALL SELECT 'item', w.later, w.words, i.id::text FROM items i, search_words_of(ARRAY[sku, name, gtin, barcode]) w
      UNION ALL SELECT 'vehicle', w.later, w.words, v.id::text FROM vehicles v, search_words_of(ARRAY[v.name, plate]) w ORDER BY 1, 2, 3, 4`,
  ],
  [
    "lots",
    `(item_id, number, expires_on, held_at, hold_reason) SELECT n, 'L-' || n, date '2020-01-01' + pg_temp.spread(n, 5000),
      CASE WHEN n % 1000 = 0 THEN now() END, CASE WHEN n % 1000 = 0 THEN 'smells' END FROM generate_series(1, $n) n`,
  ],
  [
    "stock_lots",
    `(inventory_item_id, item_id, lot, quantity, since) SELECT id, item_id, 'L-' || item_id, 1 + quantity, now() FROM inventory_items WHERE id % 10 < 2`,
  ],
  [
    "lot_movements",
    `(id, inventory_item_id, item_id, lot, at, delta, quantity) SELECT m.id, i.id, item_id, 'L-' || item_id, m.at, 1 + i.quantity, 1 + i.quantity
      FROM inventory_items i JOIN movements m ON m.inventory_item_id = i.id WHERE i.id % 10 < 2`,
  ],
  [
    "shipment_lots",
    `(shipment_id, item_id, lot, quantity) SELECT n * 10, 1 + pg_temp.spread(n, $n), 'L-' || 1 + pg_temp.spread(n, $n), 1 FROM generate_series(1, $n) n`,
  ],
  [
    "serials",
    `(item_id, gtin, serial, lot, scanned_state, scanned_location_id, scanned_at) SELECT 1 + pg_temp.spread(n, $n), lpad(n::text, 14, '0'), 'S' || n,
      CASE WHEN n % 3 = 0 THEN 'L-' || 1 + pg_temp.spread(n, $n) END, CASE WHEN n % 1000 = 0 THEN 'picked' ELSE 'there' END, 1 + pg_temp.spread(n, 1990), now()
      FROM generate_series(1, $all) n`,
  ],
  ["asset_types", `(name, kind) SELECT 'pallet ' || n, 'pallet' FROM generate_series(1, 20) n`],
  [
    "asset_movements",
    `(asset_type_id, party_id, quantity, at, location_id, shipment_id) SELECT 1 + n % 20, 1 + pg_temp.spread(n, $n), 1 + n % 30, now(), 1 + pg_temp.spread(n, 1990),
      1 + pg_temp.spread(n, $all) FROM generate_series(1, $n) n`,
  ],
  ["handling_units", `(shipment_id, sscc) SELECT n, lpad(n::text, 18, '0') FROM generate_series(1, $n) n`],
  [
    "shipment_tags",
    `(shipment_id, epc) SELECT n, 'urn:epc:id:sgtin:4012345.012345.' || n FROM generate_series(1, $all) n`,
  ],
  [
    "audit",
    `(actor, action, subject, outcome, detail) SELECT 'user:' || pg_temp.spread(n, 1000), 'POST /shipments', '/shipments/' || n, CASE WHEN n % 1000 = 0 THEN 'refused' ELSE 'done' END, '{}' FROM generate_series(1, $n) n`,
  ],
];

/**
 * Fills tables, by default those that lists read: shipments, stock and orders with `rows` rows, the others with a tenth. Their indexes are
 * made anew afterwards, which is faster, and no trigger runs.
 */
export async function fillTables(databaseUrl: string, rows: number, tables = TABLES): Promise<void> {
  const url = new URL(inject("postgresAdminUrl"));
  url.pathname = new URL(databaseUrl).pathname;
  const client = new pg.Client(url.href);
  await client.connect();
  try {
    await client.query(`SET session_replication_role = replica; SET maintenance_work_mem = '512MB';
      CREATE FUNCTION pg_temp.spread(n integer, size integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT abs(hashint4(n) % size) $$`);
    for (const [table, select] of tables) {
      const indexes = await client.query<{ name: string; definition: string }>(
        `SELECT x.relname AS name, pg_get_indexdef(x.oid) AS definition FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
        WHERE i.indrelid = $1::regclass AND NOT i.indisunique AND NOT i.indisexclusion`,
        [table],
      );
      for (const { name } of indexes.rows) await client.query(`DROP INDEX ${name}`);
      const sized = select.replaceAll("$all", String(rows)).replaceAll("$n", String(rows / 10));
      await client.query(`INSERT INTO ${table} ${sized}`);
      for (const { definition } of indexes.rows) await client.query(definition);
      await client.query(`VACUUM ANALYZE ${table}`);
    }
  } finally {
    await client.end();
  }
}
