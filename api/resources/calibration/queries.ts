import type { PoolClient } from "pg";
import type { Weighing } from "../../../ingest/domain/stock/settled-weight.ts";
import { rederiveShelves } from "../devices/rederive.ts";
import type { Calibration } from "./schema.ts";
import { timeOfMs } from "../../http/sql-time.ts";

/** The current state of a scale: where it is mounted, and its newest reading. */
export interface ScaleState {
  /** its mount when the newest reading was measured; null: it is not below a shelf of one item */
  shelf: { item_id: number; tare_grams?: number; division_grams?: number } | null;
  /** newest by time of measurement; null: it has never reported */
  newest: (Weighing & { received_at: number }) | null;
  interval_s: number | null;
}

export async function findScale(client: PoolClient, deviceId: string): Promise<ScaleState | undefined> {
  const { rows } = await client.query<ScaleState>(
    `SELECT s.latest -> 'scale' AS newest, d.interval_s,
      (SELECT CASE WHEN m.mount ? 'item_id' THEN m.mount END FROM device_mounts m
        WHERE m.device_id = d.id AND m.since <= coalesce(${timeOfMs("(s.latest -> 'scale' ->> 'ts')")}, now())
        ORDER BY m.since DESC LIMIT 1) AS shelf
    FROM devices d LEFT JOIN device_states s ON s.device_id = d.id WHERE d.id = $1`,
    [deviceId],
  );
  return rows[0];
}

/** Stores a calibration; a later one from the same reading replaces it. */
export async function addCalibration(
  client: PoolClient,
  row: Omit<Calibration, "id" | "created_at" | "max_reliable_count">,
): Promise<Pick<Calibration, "id" | "created_at">> {
  const { rows } = await client.query<{ id: number; created_at: Date }>(
    `INSERT INTO calibrations (device_id, item_id, since, pieces, unit_weight_grams, spread_grams, gross_grams, tare_grams, readings, actor_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (device_id, item_id, since) DO UPDATE SET pieces = excluded.pieces, unit_weight_grams = excluded.unit_weight_grams,
      spread_grams = excluded.spread_grams, gross_grams = excluded.gross_grams, tare_grams = excluded.tare_grams,
      readings = excluded.readings, actor_id = excluded.actor_id, created_at = now()
    RETURNING id, created_at`,
    [
      row.device_id,
      row.item_id,
      row.since,
      row.pieces,
      row.unit_weight_grams,
      row.spread_grams,
      row.gross_grams,
      row.tare_grams,
      row.readings,
      row.actor_id,
    ],
  );
  return rows[0]!;
}

/** Sets an item's unit weight unless it has one. With its first one other scales can count it too. */
export async function setUnitWeightIfUnset(client: PoolClient, itemId: number, grams: number): Promise<void> {
  const { rowCount } = await client.query(
    `UPDATE items SET unit_weight_grams = $2, updated_at = now(), version = version + 1 WHERE id = $1 AND unit_weight_grams IS NULL`,
    [itemId, grams],
  );
  if (rowCount === 1) await rederiveShelves(client, itemId);
}
