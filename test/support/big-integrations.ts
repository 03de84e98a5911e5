import type { BigTable } from "./big-tables.ts";

/** One webhook in a hundred has failed to deliver, and one document or conflict of an ERP in a thousand waits for somebody. */
export const INTEGRATION_TABLES: readonly BigTable[] = [
  ["locations", `(name, stage) SELECT 'site ' || n, 'storage' FROM generate_series(1, 1000) n`],
  [
    "shipments",
    `(tracking_number, product_name, quantity, status, stage, stage_since, created_at, updated_at, location_id) SELECT 'WS' || n, 'product', 1, 'delivered', 'delivery', now(), now(), now(),
      1 + pg_temp.spread(n, 1000) FROM generate_series(1, $n) n`,
  ],
  [
    "custody_entries",
    `(shipment_id, position, first_position, kind, event_key, content, prev_hash, hash) SELECT 1 + (n - 1) / 10, 1 + (n - 1) % 10, 1 + (n - 1) % 10, 'recorded', 'k' || n,
      json_build_object('shipment_id', 1 + (n - 1) / 10, 'position', 1 + (n - 1) % 10, 'kind', 'recorded', 'corrects', NULL, 'recorded_at', now(), 'reason', NULL, 'event', 'seen',
        'at', now(), 'status', 'in_storage', 'stage', 'storage', 'from', NULL, 'to', json_build_object('location_id', 1, 'vehicle_id', NULL), 'received_by', NULL, 'outcome', NULL,
        'outcome_reason', NULL, 'lines', '[]'::json, 'attachments', '[]'::json, 'rule', 'person', 'confidence', 1, 'device_id', NULL, 'evidence', '[]'::json), '', sha256(n::text::bytea)
      FROM generate_series(1, $all) n`,
  ],
  [
    "tracking_links",
    `(shipment_id, token_sha256, created_by) SELECT 1 + (n - 1) % $n, sha256(n::text::bytea), 'user:1' FROM generate_series(1, $all) n`,
  ],
  ["webhooks", `(url, types) SELECT 'https://hooks.example.com/' || n, '["*"]' FROM generate_series(1, 20) n`],
  [
    "webhook_deliveries",
    `(webhook_id, kind, event_id, position, type, subject, state, sent_at) SELECT 1 + pg_temp.spread(n, 4), 'event', 'e' || n, n, 'order.created', '/orders/' || n,
      CASE WHEN n % 1000 = 0 THEN 'failed' ELSE 'sent' END, now() FROM generate_series(1, $all) n`,
  ],
  [
    "outbound_events",
    `(position, id, type, subject, happened_at, data) SELECT n, 'e' || n, 'order.created', '/orders/' || n, now(), '{}' FROM generate_series(1, $all) n`,
  ],
  [
    "erp_connections",
    `(name, kind, url, api_client_id) SELECT 'erp ' || n, 'generic', 'https://erp.example.com', n FROM generate_series(1, 3) n`,
  ],
  [
    // The third has read items, and has sent nothing.
    "erp_documents",
    `(connection_id, direction, kind, local_id, external_id, key, state, content) SELECT c, CASE WHEN n % 2 = 0 AND c < 3 THEN 'out' ELSE 'in' END,
      CASE WHEN c = 3 THEN 'item' WHEN n % 1000 = 0 THEN 'receipt' WHEN n % 2 = 0 THEN 'movement' WHEN n % 999 = 0 THEN 'supplier' ELSE 'sale' END, n, 'x' || n,
      CASE WHEN n % 2 = 0 AND c < 3 THEN 'k' || n END, CASE WHEN n % 2000 = 0 THEN 'failed' WHEN n % 2 = 0 AND c < 3 THEN 'sent' ELSE 'linked' END, jsonb_build_object('lines', repeat('x', 200))
      FROM generate_series(1, $all) n, LATERAL (SELECT 1 + n % 3 AS c) AS more`,
  ],
  [
    "erp_conflicts",
    `(connection_id, type, kind, local_id, message, state) SELECT 1 + n % 3, CASE WHEN n % 2000 = 0 THEN 'duplicate' ELSE 'level_differs' END, 'item', n, 'differs',
      CASE WHEN n % 1000 = 0 THEN 'open' ELSE 'resolved' END FROM generate_series(1, $all) n`,
  ],
  [
    "epcis_captures",
    `(header, error_behaviour, events, finished_at, success, added, known) SELECT '{}', 'rollback', 1, now(), true, 1, 0 FROM generate_series(1, $all) n`,
  ],
  [
    "epcis_events",
    `(position, event_id, hash_id, type, action, event_time, time_zone_offset, record_time, set_dispositions, unset_dispositions, epcs, input_epcs, output_epcs, any_epcs,
        epc_classes, input_classes, output_classes, any_classes, biz_transactions, sources, destinations, corrective_ids, canonical, body, context, source)
      SELECT n, 'urn:example:' || n, 'ni:' || n, 'ObjectEvent', 'OBSERVE', now(), '+00:00', now(), '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
        '{"type": "ObjectEvent"}', '[]', 'captured' FROM generate_series(1, $all) n`,
  ],
  [
    "epcis_meanings",
    `(position, event_id, state, problem) SELECT n, 'urn:example:' || n, CASE WHEN n % 1000 = 0 THEN 'unmatched' ELSE 'taken' END, CASE WHEN n % 1000 = 0 THEN 'unknown' END
      FROM generate_series(1, $all) n`,
  ],
  ["epcis_queries", `(name, query) SELECT 'query' || n, '{}' FROM generate_series(1, 1000) n`],
  [
    "epcis_subscriptions",
    `(query_name, created_by, dest, report_if_empty, initial_record_time, position, batch_size) SELECT 'query' || (1 + n / 100), 1, 'https://partner.example.com', false, now(), n, 30
      FROM generate_series(0, 20000) n`,
  ],
  [
    "report_schedules",
    `(name, report, frequency, hour, time_zone, recipients, format, next_due_at) SELECT 's' || n, 'dwell', 'daily', 6, 'UTC', '["a@example.com"]', 'csv', now() FROM generate_series(1, 20) n`,
  ],
  [
    "report_deliveries",
    `(schedule_id, due_at, from_at, recipient, state, attempts, last_tried, sent_at) SELECT 1 + n % 20, now() - n * interval '1 minute', now(), 'a@example.com', 'sent', 1, now(), now() FROM generate_series(1, $all) n`,
  ],
  [
    "notification_rules",
    `(name, types, channel, target) SELECT 'r' || n, '["low_stock"]', 'email', 'a@example.com' FROM generate_series(1, 20) n`,
  ],
  [
    "notification_deliveries",
    `(rule_id, kind, channel, target, state, due_at) SELECT 1 + n % 20, 'alert', 'email', 'a@example.com', 'sent', now() FROM generate_series(1, $all) n`,
  ],
  [
    "imports",
    `(kind, state, dry_run, format, size_bytes, actor) SELECT 'items', 'done', false, '{"type": "json", "encoding": "utf-8", "byte_order_mark": false}', 1, 'user:1' FROM generate_series(1, $all) n`,
  ],
];
