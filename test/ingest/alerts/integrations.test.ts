import { pino } from "pino";
import { expect } from "vitest";
import { startAlertEngine } from "../../../ingest/alerts/engine.ts";
import { ReceiptClock } from "../../../ingest/workers/receipt-clock.ts";
import { test } from "vitest";
import { startApi } from "../../api/support.ts";

test("a webhook that accepts nothing, one that is turned off, and a follower that is behind are alerts until they are well", async () => {
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
      VALUES ('unset', 0, now() - interval '2 hours', now() - interval '3 hours', 'cannot connect');`);
  const engine = startAlertEngine(pool, listener, new ReceiptClock(), pino({ level: "silent" }));
  try {
    const manager = await api.as("manager");
    const alerts = async () =>
      ((await manager("GET /alerts?type=integration_failing")).body as unknown as Record<string, unknown>[])
        .map(({ subject, state, title }) => [subject, state, title])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    await expect.poll(alerts, { timeout: 20_000 }).toEqual([
      ["integration:follower-mqtt", "open", "mqtt is not told what happens: it is behind"],
      ["integration:webhook-1", "open", "erp.example.com is not told what happens: HTTP 503"],
      ["integration:webhook-4", "open", "Shop is turned off: it answered 410 Gone"],
    ]);
    await pool.query(
      `UPDATE webhooks SET failing_since = NULL, disabled_reason = NULL; UPDATE event_followers SET position = 1`,
    );
    await expect
      .poll(async () => (await alerts()).map(([, state]) => state), { timeout: 20_000 })
      .toEqual(Array.from({ length: 3 }, () => "resolved"));
  } finally {
    await engine.close();
    await api.close();
  }
});
