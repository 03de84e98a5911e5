import type { Pool } from "pg";

export type DeviceState = "pending" | "active" | "suspended" | "retired";

/** The part of a device's row that the broker needs. Secrets are hex SHA-256 of their text. */
export interface DeviceCredentials {
  id: string;
  state: DeviceState;
  decoder: string;
  /** messages per second; null: the default of the settings, 0: no limit */
  rateLimit: number | null;
  /** not revoked, newest first, at most two */
  secrets: string[];
}

/** A service account, such as a gateway, with the topic filters it may use. `secret` is hex SHA-256. */
export interface AccountCredentials {
  id: string;
  active: boolean;
  secret: string;
  publish: string[];
  subscribe: string[];
}

const MAX_SECRETS = 2;

interface DeviceRow {
  id: string;
  state: DeviceState;
  decoder: string;
  rate_limit: number | null;
  secrets: string[];
}

/** Devices with their secrets that are not revoked: those with the given ids; null: all. */
export async function selectDevices(pool: Pool, ids: string[] | null): Promise<DeviceCredentials[]> {
  const { rows } = await pool.query<DeviceRow>(
    `SELECT d.id, d.state, d.decoder, d.rate_limit,
            coalesce(array_agg(encode(c.secret_sha256, 'hex') ORDER BY c.id DESC) FILTER (WHERE c.id IS NOT NULL), '{}') AS secrets
       FROM devices d LEFT JOIN device_credentials c ON c.device_id = d.id AND c.revoked_at IS NULL
      WHERE $1::text[] IS NULL OR d.id = ANY ($1)
      GROUP BY d.id`,
    [ids],
  );
  return rows.map(({ rate_limit, secrets, ...device }) => ({
    ...device,
    rateLimit: rate_limit,
    secrets: secrets.slice(0, MAX_SECRETS),
  }));
}

/** The device with this secret, unless the secret is revoked. @param sha256 of the secret, in hex */
export async function selectDeviceIdBySecret(pool: Pool, sha256: string): Promise<string | undefined> {
  const { rows } = await pool.query<{ device_id: string }>(
    "SELECT device_id FROM device_credentials WHERE secret_sha256 = decode($1, 'hex') AND revoked_at IS NULL",
    [sha256],
  );
  return rows[0]?.device_id;
}

interface AccountRow {
  id: string;
  active: boolean;
  secret: string;
  filters: { publish?: string[]; subscribe?: string[] };
}

/** Service accounts: those with the given ids; null: all. */
export async function selectAccounts(pool: Pool, ids: string[] | null): Promise<AccountCredentials[]> {
  const { rows } = await pool.query<AccountRow>(
    `SELECT id, active, encode(secret_sha256, 'hex') AS secret, filters
       FROM service_accounts WHERE $1::text[] IS NULL OR id = ANY ($1)`,
    [ids],
  );
  return rows.map(({ filters, ...account }) => ({
    ...account,
    publish: filters.publish ?? [],
    subscribe: filters.subscribe ?? [],
  }));
}
