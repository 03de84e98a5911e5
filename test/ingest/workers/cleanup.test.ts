import { afterAll, beforeAll, expect, test } from "vitest";
import {
  deleteExpired,
  EXPIRING_TABLES,
  thinCheckpoints,
} from "../../../ingest/stores/queries/retention/expired-rows.ts";
import { forgetRemovedDevices } from "../../../ingest/stores/queries/retention/departed-tags.ts";
import { startIngestRig } from "../../support/ingest.ts";
import { createDatabase, type TestDatabase } from "../../support/postgres.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await createDatabase();
});
afterAll(() => db.drop());

const RECORDS = { quarantineDays: 30, auditDays: 730, rawDays: 30, rollupDays: 30 };

/** Rows with their fate as their name. */
async function insertRows(): Promise<void> {
  await db.pool.query(`
    INSERT INTO device_messages (device_id, channel, payload, created_at, expires_at, delivered_at, acknowledged_at) VALUES
      ('kept', 'errors', '{}', now() - interval '3 days', now() + interval '1 hour', NULL, NULL),
      ('kept', 'cmd', '{}', now() - interval '90 days', now() + interval '1 day', now() - interval '90 days', NULL),
      ('kept', 'cmd', '{}', now() - interval '20 days', now() - interval '19 days', now(), now() - interval '19 days'),
      ('spent', 'errors', '{}', now() - interval '1 day', now() - interval '1 hour', NULL, NULL),
      ('spent', 'cmd', '{}', now() - interval '90 days', now() - interval '89 days', now(), now() - interval '89 days'),
      ('spent', 'cmd', '{}', now() - interval '90 days', now() - interval '89 days', NULL, NULL);
    INSERT INTO idempotency_keys (principal, key, request_sha256, created_at) VALUES
      ('p', 'kept', '', now() - interval '23 hours'), ('p', 'spent', '', now() - interval '25 hours');
    INSERT INTO users (email, password_hash, role) VALUES ('a@test.example', '', 'viewer');
    INSERT INTO sessions (user_id, refresh_sha256, expires_at, revoked_at) SELECT id, convert_to(t.name, 'UTF8'), expires, revoked FROM users,
      (VALUES ('kept 1', now() + interval '1 hour', NULL), ('kept 2', now() - interval '1 day', NULL),
        ('spent 1', now() - interval '8 days', NULL), ('spent 2', now() + interval '1 hour', now() - interval '8 days')) AS t (name, expires, revoked);
    INSERT INTO setup_tokens (token_sha256, purpose, expires_at) VALUES
      ('kept', 'first_admin', now() - interval '6 days'), ('spent', 'first_admin', now() - interval '8 days');
    INSERT INTO quarantine (source, device_id, topic, received_at, reason, payload) VALUES
      ('kept', 'd', '', now() - interval '29 days', '', ''), ('spent', 'd', '', now() - interval '31 days', '', '');
    INSERT INTO quarantine_hours (source, hour, messages, bytes, kept) VALUES
      ('kept', now() - interval '29 days', 1, 1, 1), ('spent', now() - interval '31 days', 1, 1, 1);
    INSERT INTO fold_versions (subject, version, changed_on) VALUES
      ('kept', 1, CURRENT_DATE - 29), ('spent', 1, CURRENT_DATE - 31);
    INSERT INTO signing_keys (kid, public_jwk, private_jwk, retired_at) VALUES
      ('kept 1', '{}', '{}', NULL), ('kept 2', '{}', '{}', now() - interval '29 days'), ('spent', '{}', '{}', now() - interval '31 days');
    INSERT INTO api_clients (client_id, name, role) VALUES ('erp', 'erp', 'viewer');
    INSERT INTO api_client_secrets (api_client_id, prefix, secret_sha256, revoked_at) SELECT id, t.name, '', revoked FROM api_clients,
      (VALUES ('kept', NULL), ('spent', now() - interval '31 days')) AS t (name, revoked);
    INSERT INTO items (sku, name) VALUES ('bolt', 'bolt');
    INSERT INTO locations (name) VALUES ('shelf');
    INSERT INTO inventory_items (item_id, location_id) SELECT i.id, l.id FROM items i, locations l;
    INSERT INTO cycle_counts (inventory_item_id, reason, state, closed_at, device_id) SELECT i.id, 'asked', t.state, closed, name FROM inventory_items i,
      (VALUES ('open', NULL::timestamptz, 'kept'), ('counted', now() - interval '900 days', 'kept'), ('agreed', now() - interval '729 days', 'kept'),
        ('agreed', now() - interval '731 days', 'spent')) AS t (state, closed, name);
    INSERT INTO devices (id, kind) VALUES ('probe', 'env');
    INSERT INTO device_credentials (device_id, secret_sha256, created_at, revoked_at) VALUES
      ('probe', 'kept 1', now() - interval '900 days', NULL), ('probe', 'kept 2', now(), now() - interval '1 day'),
      ('probe', 'spent', now() - interval '900 days', now() - interval '31 days');`);
}

const NAMES = `SELECT device_id AS name FROM device_messages UNION ALL SELECT key FROM idempotency_keys
  UNION ALL SELECT convert_from(refresh_sha256, 'UTF8') FROM sessions UNION ALL SELECT convert_from(token_sha256, 'UTF8') FROM setup_tokens
  UNION ALL SELECT convert_from(secret_sha256, 'UTF8') FROM device_credentials
  UNION ALL SELECT subject FROM fold_versions UNION ALL SELECT kid FROM signing_keys UNION ALL SELECT prefix FROM api_client_secrets
  UNION ALL SELECT device_id FROM cycle_counts
  UNION ALL SELECT source FROM quarantine UNION ALL SELECT source FROM quarantine_hours`;
const names = async () => (await db.pool.query<{ name: string }>(NAMES)).rows.map(({ name }) => name).sort();
const KEPT = [
  ...Array.from({ length: 12 }, () => "kept"),
  ...["kept 1", "kept 1", "kept 1", "kept 2", "kept 2", "kept 2"],
];

test("expired rows are deleted, a few at a time, and no others", async () => {
  await insertRows();
  expect(await names()).toHaveLength(KEPT.length + 14);
  for (const table of EXPIRING_TABLES) {
    while ((await deleteExpired(db.pool, table, 1, RECORDS)) > 0);
    expect(await deleteExpired(db.pool, table, 100, RECORDS)).toBe(0);
  }
  expect(await names()).toEqual(KEPT);
});

test("of checkpoints older than three days the last of each day stays, and all newer ones", async () => {
  const insert = (epc: string, ago: string, closed = false) =>
    db.pool.query(
      `INSERT INTO signal_checkpoints (device_id, kind, epc, ts, seq, state, readings_expired)
        VALUES ('gate', 'rfid', $1, date_trunc('day', now(), 'UTC') - $2::interval, 0, '{}', $3)`,
      [epc, ago, closed],
    );
  const stays = ["4 days 1 minute", "4 days 25 hours", "1 day 2 hours", "1 day 1 hour", "1 hour"];
  for (const ago of [...stays, "4 days 1 hour", "4 days 2 hours", "4 days 26 hours"]) await insert("A", ago);
  await insert("B", "4 days 3 hours");
  await insert("B", "4 days 4 hours", true);
  expect(await thinCheckpoints(db.pool, 2)).toBe(2);
  expect(await thinCheckpoints(db.pool, 100)).toBe(1);
  expect(await thinCheckpoints(db.pool, 100)).toBe(0);
  const { rows } = await db.pool.query<{ ago: string }>(
    "SELECT (date_trunc('day', now(), 'UTC') - ts)::text AS ago FROM signal_checkpoints WHERE epc = 'A' ORDER BY ts DESC",
  );
  expect(rows).toHaveLength(stays.length);
  expect((await db.pool.query("SELECT FROM signal_checkpoints WHERE epc = 'B'")).rowCount).toBe(2);
});

test("what the rules know of a removed device goes when its readings have gone", async () => {
  await db.pool.query(`
    INSERT INTO devices (id, kind) VALUES ('there', 'rfid');
    INSERT INTO device_states (device_id, version, last_received_at) VALUES ('there', 1, now() - interval '90 days'),
      ('removed', 1, now() - interval '31 days'), ('removed lately', 1, now() - interval '29 days');
    INSERT INTO tag_states (device_id, epc, newest_ts, signal) SELECT device_id, 'A', now(), '' FROM device_states;
    INSERT INTO signal_checkpoints (device_id, kind, epc, ts, seq, state) SELECT device_id, 'rfid', 'C', now(), 0, '{}' FROM device_states`);
  expect(await forgetRemovedDevices(db.pool, 100, 30)).toBe(1);
  const { rows } = await db.pool.query<{
    id: string;
  }>(`SELECT device_id AS id FROM device_states UNION ALL SELECT device_id FROM tag_states
    UNION ALL SELECT device_id FROM signal_checkpoints WHERE epc = 'C' ORDER BY 1`);
  const expected = ["removed lately", "removed lately", "removed lately", "there", "there", "there"];
  expect(rows.map(({ id }) => id)).toEqual(expected);
});

test("ingest runs the cleanup", async () => {
  await db.pool.query(
    "INSERT INTO setup_tokens (token_sha256, purpose, expires_at) VALUES ('spent', 'first_admin', now() - interval '8 days')",
  );
  await db.pool.query(
    "INSERT INTO reading_days (day, last_received_at) VALUES ('2020-02-02', now() - interval '31 days')",
  );
  const rig = await startIngestRig(db.pool);
  await expect.poll(names).toEqual(KEPT);
  const days = async () => (await db.pool.query("SELECT FROM reading_days WHERE day = '2020-02-02'")).rowCount;
  // The partitions that ingest makes at its start may hold this up until the next run, a minute later.
  await expect.poll(days, { timeout: 90_000 }).toBe(0);
  await rig.close();
});
