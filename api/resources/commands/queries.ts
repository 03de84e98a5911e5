import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import type { Command } from "./schema.ts";

const COMMAND = `SELECT id, device_id, payload ->> 'type' AS type, payload -> 'args' AS args,
    CASE WHEN acknowledged_at IS NOT NULL THEN CASE WHEN (result ->> 'ok')::boolean THEN 'done' ELSE 'failed' END
      WHEN expires_at <= now() THEN 'expired'
      WHEN delivered_at IS NOT NULL THEN 'delivered' ELSE 'waiting' END AS state,
    result, created_by, created_at, expires_at, delivered_at, acknowledged_at
  FROM device_messages WHERE channel = 'cmd'`;

export interface NewCommandRow {
  deviceId: string;
  type: string;
  args: object;
  expiresAt: Date;
  createdBy: string;
}

/** Adds a command for a device, those of one device in the order of their ids: brokers send those after the last. It notifies the brokers on commit. @returns its id */
export async function addCommand(client: PoolClient, row: NewCommandRow): Promise<number> {
  await client.query("SELECT pg_advisory_xact_lock(hashtext('waystock commands'), hashtext($1))", [row.deviceId]);
  const { rows } = await client.query<{ id: number }>(
    `WITH added AS (
       INSERT INTO device_messages (device_id, channel, payload, expires_at, created_by)
       VALUES ($1, 'cmd', jsonb_build_object('type', $2::text, 'args', $3::jsonb), $4, $5) RETURNING id)
     SELECT id, pg_notify('device_messages', $1) FROM added`,
    [row.deviceId, row.type, JSON.stringify(row.args), row.expiresAt, row.createdBy],
  );
  return rows[0]!.id;
}

export async function findCommand(db: Reader, deviceId: string, id: number): Promise<Command | undefined> {
  const { rows } = await db.query<Command>(`${COMMAND} AND device_id = $1 AND id = $2`, [deviceId, id]);
  return rows[0];
}

/** Newest first. @param before id of the last command on the page before */
export async function listCommands(
  db: Reader,
  deviceId: string,
  before: number | undefined,
  limit: number,
): Promise<Command[]> {
  const { rows } = await db.query<Command>(
    `${COMMAND} AND device_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
    [deviceId, before ?? null, limit],
  );
  return rows;
}
