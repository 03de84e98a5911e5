import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import { Conditions } from "../../http/lists/conditions.ts";
import type { Quarantined } from "./schema.ts";

export async function listQuarantine(
  db: Reader,
  filter: { before: number | undefined; deviceId: string | undefined; reason: string | undefined; limit: number },
): Promise<Quarantined[]> {
  const conditions = new Conditions()
    .where("id < ?", filter.before)
    .where("device_id = ?", filter.deviceId)
    .where("reason = ?", filter.reason);
  const { rows } = await db.query<Quarantined>(
    `SELECT id, device_id, topic, received_at, reason, detail, translate(encode(payload, 'base64'), E'\\n', '') AS payload_base64
    FROM quarantine ${conditions.sql} ORDER BY id DESC LIMIT ${conditions.parameter(filter.limit)}`,
    conditions.values,
  );
  return rows;
}

/** Of a quarantined message what the audit keeps: not its payload, which may be a secret that was sent by mistake. */
export async function findQuarantined(client: PoolClient, id: number): Promise<object | undefined> {
  const { rows } = await client.query<object>(
    "SELECT id, device_id, topic, received_at, reason, detail, octet_length(payload) AS bytes FROM quarantine WHERE id = $1",
    [id],
  );
  return rows[0];
}

/** Locks a quarantined message until the end of the transaction. @returns false when there is no such message */
export async function lockQuarantined(client: PoolClient, id: number): Promise<boolean> {
  const { rowCount } = await client.query("SELECT 1 FROM quarantine WHERE id = $1 FOR UPDATE", [id]);
  return rowCount === 1;
}

/** Asks ingest to process a quarantined message again. */
export async function requestRetry(client: PoolClient, id: number): Promise<void> {
  await client.query("UPDATE quarantine SET retry_requested_at = now() WHERE id = $1", [id]);
}
