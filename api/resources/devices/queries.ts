import type { Reader } from "../../auth/limits.ts";
import type { PoolClient } from "pg";
import { Conditions } from "../../http/lists/conditions.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import { presenceOf } from "./presence.ts";
import type { Device, DeviceCounts } from "./schema.ts";

/** Columns of a device that clients may set. */
export const DEVICE_COLUMNS = ["decoder", "name", "state", "rate_limit", "interval_s", "profile_id"];

interface DeviceRow extends Omit<Versioned<Device>, "presence" | "mounted_since"> {
  mount: Record<string, unknown> | null;
  mounted_since: Date | null;
  latest: Record<string, Record<string, unknown>>;
  /** whether a broker has it connected; null: no live broker knows it */
  connected: boolean | null;
  connection_since: Date | null;
}

const DEVICE = `SELECT d.id, d.kind, d.decoder, d.name, d.state, m.mount, m.since AS mounted_since, d.rate_limit, d.interval_s, d.profile_id,
    s.last_received_at AS last_seen_at, coalesce(s.latest, '{}') AS latest,
    CASE WHEN c.disconnected_at IS NOT NULL THEN false WHEN n.seen_at BETWEEN now() - interval '30 seconds' AND now() + interval '30 seconds' THEN true END AS connected,
    coalesce(c.disconnected_at, c.connected_at) AS connection_since, d.created_at, d.updated_at, d.version
  FROM devices d
  LEFT JOIN LATERAL (SELECT mount, since FROM device_mounts WHERE device_id = d.id AND since <= now() ORDER BY since DESC LIMIT 1) m ON true
  LEFT JOIN device_states s ON s.device_id = d.id
  LEFT JOIN device_connections c ON c.device_id = d.id
  LEFT JOIN broker_nodes n ON n.id = c.node`;

function deviceOf(row: DeviceRow): Versioned<Device> {
  const { connected: _, connection_since: __, ...view } = row;
  const latest = Object.fromEntries(Object.entries(row.latest).map(([kind, reading]) => [kind, withTimes(reading)]));
  return { ...view, latest, presence: presenceOf(row, Date.now()) };
}

/** Times of stored readings are epoch milliseconds; in responses they are ISO 8601. */
function withTimes(reading: Record<string, unknown>): Record<string, unknown> {
  const times = ["ts", "received_at"].flatMap((name) => {
    const ms = reading[name];
    return typeof ms === "number" ? [[name, new Date(ms)] as const] : [];
  });
  return { ...reading, ...Object.fromEntries(times) };
}

export async function findDevice(db: Reader, id: string): Promise<Versioned<Device> | undefined> {
  const { rows } = await db.query<DeviceRow>({ name: "api_device", text: `${DEVICE} WHERE d.id = $1`, values: [id] });
  return rows[0] && deviceOf(rows[0]);
}

/** @throws Problem 404 when there is no such device */
export async function getDevice(db: Reader, id: string): Promise<Versioned<Device>> {
  return found(await findDevice(db, id), "device");
}

export async function findDevices(db: Reader, ids: readonly string[]): Promise<Versioned<Device>[]> {
  const { rows } = await db.query<DeviceRow>(`${DEVICE} WHERE d.id = ANY($1::text[]) ORDER BY d.id`, [ids]);
  return rows.map(deviceOf);
}

export async function devicesSeenSince(
  db: Reader,
  since: Date,
  after: string | undefined,
  limit: number,
): Promise<Versioned<Device>[]> {
  const { rows } = await db.query<DeviceRow>(
    `${DEVICE} WHERE (s.last_received_at >= $1 OR d.updated_at >= $1) AND d.id > $2 ORDER BY d.id LIMIT $3`,
    [since, after ?? "", limit],
  );
  return rows.map(deviceOf);
}

export interface DeviceFilter {
  after: string | undefined;
  kind: string | undefined;
  state: string | undefined;
  limit: number;
}

export async function listDevices(
  db: Reader,
  { after, kind, state, limit }: DeviceFilter,
): Promise<Versioned<Device>[]> {
  const conditions = new Conditions().where("d.id > ?", after).where("d.kind = ?", kind).where("d.state = ?", state);
  const { rows } = await db.query<DeviceRow>(
    `${DEVICE} ${conditions.sql} ORDER BY d.id LIMIT ${conditions.parameter(limit)}`,
    conditions.values,
  );
  return rows.map(deviceOf);
}

/** Adds a secret, and revokes all but the newest two. */
export async function addCredential(client: PoolClient, deviceId: string, secretSha256: Buffer): Promise<void> {
  await client.query("INSERT INTO device_credentials (device_id, secret_sha256) VALUES ($1, $2)", [
    deviceId,
    secretSha256,
  ]);
  await client.query(
    `UPDATE device_credentials SET revoked_at = now() WHERE device_id = $1 AND revoked_at IS NULL AND id NOT IN (
      SELECT id FROM device_credentials WHERE device_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 2)`,
    [deviceId],
  );
}

/** What tokens of a device carry: they end when it is removed, or gets a new secret (`selectDevices` of the broker). */
export async function tokenGeneration(client: PoolClient, deviceId: string): Promise<string> {
  const { rows } = await client.query<{ generation: string }>(
    `SELECT (extract(epoch FROM d.created_at) * 1000)::bigint || '.' || coalesce(max(c.id), 0) AS generation
      FROM devices d LEFT JOIN device_credentials c ON c.device_id = d.id WHERE d.id = $1 GROUP BY d.id, d.created_at`,
    [deviceId],
  );
  return rows[0]!.generation;
}

/** Counts of what a device sent; zero before its first message. */
export async function readCounts(db: Reader, id: string): Promise<DeviceCounts> {
  const { rows } = await db.query<DeviceCounts>(
    `SELECT coalesce(s.received, 0) AS received, coalesce(s.stored, 0) AS stored, coalesce(s.duplicate, 0) AS duplicate,
      coalesce(s.late, 0) AS late, coalesce(s.quarantined, 0) AS quarantined,
      (SELECT coalesce(sum(messages - kept), 0)::bigint FROM quarantine_hours WHERE source = d.id) AS quarantine_not_kept, coalesce(s.gap, 0) AS gap, s.skew_ms,
      coalesce(s.ignored_fields, '[]') AS ignored_fields,
      (SELECT count(*) FROM reading_flags WHERE device_id = $1 AND time_corrected) AS time_corrected,
      (SELECT count(*) FROM quarantine WHERE device_id = $1 AND reason = 'implausible_time') AS implausible_time,
      (SELECT count(*) FROM quarantine WHERE device_id = $1 AND reason = 'future') AS future
    FROM (SELECT $1::text AS id) d LEFT JOIN device_states s ON s.device_id = d.id`,
    [id],
  );
  return rows[0]!;
}

/** Tells the live stream that devices have changed; more than 40 are not listed one by one (pg_notify takes 8,000 bytes). */
export async function notifyDevicesChanged(client: PoolClient, ids: readonly string[]): Promise<void> {
  const listed = ids.length <= 40 ? ids : null;
  await client.query("SELECT pg_notify('changes', $1)", [JSON.stringify({ devices: listed })]);
}
