import type { Pool, PoolClient } from "pg";
import type { Quarantined } from "./schema.ts";

export async function listQuarantine(
  db: Pool,
  filter: { before: number | undefined; deviceId: string | undefined; limit: number },
): Promise<Quarantined[]> {
  const { rows } = await db.query<Quarantined>(
    `SELECT id, device_id, topic, received_at, reason, detail, translate(encode(payload, 'base64'), E'\\n', '') AS payload_base64
    FROM quarantine WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR device_id = $2) ORDER BY id DESC LIMIT $3`,
    [filter.before ?? null, filter.deviceId ?? null, filter.limit],
  );
  return rows;
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
