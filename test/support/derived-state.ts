import type pg from "pg";
import { expect, vi } from "vitest";

/**
 * Everything that is derived from readings, as text: it must be equal in two databases that got the same readings. Left out
 * is what depends on the way there: ids, versions, times of writing, and what was late.
 */
export async function derivedState(
  pool: pg.Pool,
  { withReceipt = true, withTimers = true }: { withReceipt?: boolean; withTimers?: boolean } = {},
): Promise<Record<string, string[]>> {
  const state: Record<string, string[]> = {};
  for (const [name, all] of Object.entries(QUERIES)) {
    const query = name === "facts" && !withTimers ? `${all} AND NOT ${REPORTED_BY_TIMER}` : all;
    const { rows } = await pool.query<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM (${query}) AS t ORDER BY to_jsonb(t)::text COLLATE "C"`,
    );
    state[name] = rows.map(({ row }) => (withReceipt ? row : row.replace(RECEIPT, "")));
  }
  return state;
}

/** Waits until every timer has fired; all readings must have been received long ago. */
export async function allTimersFired(pool: pg.Pool): Promise<void> {
  const waiting = async () => (await pool.query("SELECT count(*) FROM timers")).rows[0].count;
  await vi.waitFor(async () => expect(await waiting()).toBe(0), { timeout: 90_000 });
}

/** Facts that a timer has reported, and no reading: the removals, and the end of a tag's dwell after its newest read. */
const REPORTED_BY_TIMER = `(type = 'unexplained_removal' OR coalesce(concluded_at > (SELECT newest_ts FROM tag_states t
  WHERE t.device_id = facts.device_id AND facts.signal = 'rfid ' || t.epc), false))`;

/** Fields that depend on when a reading was received. */
const RECEIPT = /"(received_at|skew_ms)": (null|"[^"]*"|[\d.e+-]+)(, )?/g;

const QUERIES = {
  facts: `SELECT key, subject, at, type, data, rule, evidence, confidence, device_id, signal, concluded_at FROM facts WHERE withdrawn_at IS NULL`,
  shipments: "SELECT id, status, stage, stage_since, location_id, vehicle_id FROM shipments",
  stock: "SELECT id, quantity, measured_at, fold FROM inventory_items",
  lots: "SELECT inventory_item_id, lot, quantity, since FROM stock_lots",
  dates: "SELECT item_id, number, expires_on FROM lots",
  lotMovements:
    "SELECT f.key, m.inventory_item_id, m.lot, m.at, m.delta, m.quantity FROM lot_movements m JOIN facts f ON f.id = m.id",
  pieces: "SELECT gtin, serial, lot, epc, state, location_id, vehicle_id, since FROM serials",
  aboard: "SELECT * FROM shipment_on_vehicle",
  inventory: "SELECT * FROM inventory",
  stays: "SELECT * FROM shipment_stays",
  positions: "SELECT * FROM vehicle_positions",
  devices: "SELECT device_id, newest_ts, stored, skew_ms, latest::jsonb, signal::jsonb FROM device_states",
  tags: "SELECT device_id, epc, newest_ts, signal::jsonb FROM tag_states",
  quality: "SELECT device_id, ts, seq, kind, quality FROM reading_flags WHERE quality <> 'ok'",
  readings: `SELECT 'gps' AS kind, device_id, ts, seq FROM gps_readings UNION ALL SELECT 'scale', device_id, ts, seq FROM scale_readings
    UNION ALL SELECT 'env', device_id, ts, seq FROM env_readings UNION ALL SELECT kind, device_id, ts, seq FROM reading_ids
    UNION ALL SELECT 'rfid ' || epc || antenna, device_id, ts, seq FROM rfid_reads UNION ALL SELECT 'scan', device_id, ts, seq FROM scans`,
} as const;
