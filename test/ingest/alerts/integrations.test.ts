import { pino } from "pino";
import { expect } from "vitest";
import { startAlertEngine } from "../../../ingest/alerts/engine.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { test } from "vitest";
import { startApi } from "../../api/support.ts";

test("a webhook, a subscription or an ERP that fails, one that is turned off, and a follower that is behind are alerts until they are well", async () => {
  const api = await startApi();
  const { pool, listener } = api.db;
  await pool.query(`
    INSERT INTO webhooks (url, types, failing_since, last_error) VALUES
      ('https://erp.example.com/secret-path', '["*"]', now() - interval '20 minutes', 'HTTP 503'),
      ('https://new.example.com/', '["*"]', now() - interval '1 minute', 'HTTP 503'),
      ('https://well.example.com/', '["*"]', NULL, NULL);
    INSERT INTO webhooks (url, types, enabled, disabled_at, disabled_reason, description)
      VALUES ('https://gone.example.com/', '["*"]', false, now(), 'it answered 410 Gone', 'Shop');
    INSERT INTO outbound_events (position, id, type, subject, happened_at, recorded_at, data)
      VALUES (1, 'a', 'order.created', '/orders/1', now(), now() - interval '30 minutes', '{}');
    INSERT INTO event_followers (name, position) VALUES ('mqtt', 0), ('erp', 1);
    -- Nothing follows by this name any longer.
    INSERT INTO event_followers (name, position, updated_at, failing_since, problem)
      VALUES ('unset', 0, now() - interval '2 hours', now() - interval '3 hours', 'cannot connect');
    INSERT INTO api_clients (client_id, name, role) VALUES ('erp', 'ERP', 'manager');
    INSERT INTO erp_connections (name, kind, url, api_client_id, enabled, is_stopped, failing_since, problem)
      SELECT e.name, 'odoo', 'https://odoo.example.com', id, enabled, stopped, now() - age::interval, problem FROM api_clients, (VALUES
        ('Odoo', true, false, '20 minutes', 'HTTP 502'), ('Key', true, true, '1 minute', 'HTTP 401'),
        ('New', true, false, '1 minute', 'HTTP 502'), ('Off', false, false, '20 minutes', 'HTTP 502')) AS e (name, enabled, stopped, age, problem);
    INSERT INTO epcis_queries (name, query, created_by_client) SELECT 'all', '{}', id FROM api_clients;
    INSERT INTO epcis_subscriptions (query_name, created_by_client, dest, report_if_empty, initial_record_time, position, batch_size, failing_since, response)
      SELECT 'all', id, 'https://partner.example.com/secret-path', false, now(), 0, 1, now() - interval '20 minutes', 'HTTP 500' FROM api_clients;`);
  const engine = startAlertEngine(pool, listener, new ReceiptClock(), pino({ level: "silent" }));
  try {
    const manager = await api.as("manager");
    const alerts = async () =>
      ((await manager("GET /alerts?type=integration_failing")).body as unknown as Record<string, unknown>[])
        .map(({ subject, state, title }) => [String(subject).replace(/epcis-.*/, "epcis"), state, title])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    await expect.poll(alerts, { timeout: 20_000 }).toEqual([
      ["integration:epcis", "open", "partner.example.com is not told what happens: HTTP 500"],
      ["integration:erp-1", "open", "Odoo is not in step: HTTP 502"],
      ["integration:erp-2", "open", "Key is not tried any longer: HTTP 401"],
      ["integration:follower-mqtt", "open", "mqtt is not told what happens: it is behind"],
      ["integration:webhook-1", "open", "erp.example.com is not told what happens: HTTP 503"],
      ["integration:webhook-4", "open", "Shop is turned off: it answered 410 Gone"],
    ]);
    await pool.query(
      `UPDATE webhooks SET failing_since = NULL, disabled_reason = NULL; UPDATE event_followers SET position = 1;
      UPDATE erp_connections SET failing_since = NULL; UPDATE epcis_subscriptions SET failing_since = NULL`,
    );
    await expect
      .poll(async () => (await alerts()).map(([, state]) => state), { timeout: 20_000 })
      .toEqual(Array.from({ length: 6 }, () => "resolved"));
  } finally {
    await engine.close();
    await api.close();
  }
});
