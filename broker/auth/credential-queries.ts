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
  /**
   * tokens carry it, so that they end with the device, or with a rotation of its secrets: when it was added, and the id of
   * its newest secret (`tokenGeneration` in the API's queries of devices writes the same)
   */
  tokenGeneration: string;
}

/** A service account, such as a gateway, with the topic filters it may use. Secrets are hex SHA-256. */
export interface AccountCredentials {
  id: string;
  active: boolean;
  /** newest first, at most two */
  secrets: string[];
  publish: string[];
  subscribe: string[];
  /** epoch milliseconds; missing: never */
  expiresAt?: number | undefined;
}

const MAX_SECRETS = 2;

interface DeviceRow {
  id: string;
  state: DeviceState;
  decoder: string;
  rate_limit: number | null;
  secrets: string[];
  token_generation: string;
}

/** Devices with their secrets that are not revoked: those with the given ids; null: all. */
export async function selectDevices(pool: Pool, ids: string[] | null): Promise<DeviceCredentials[]> {
  const { rows } = await pool.query<DeviceRow>(
    `SELECT d.id, d.state, d.decoder, d.rate_limit,
            coalesce(array_agg(encode(c.secret_sha256, 'hex') ORDER BY c.id DESC) FILTER (WHERE c.revoked_at IS NULL AND c.id IS NOT NULL), '{}') AS secrets,
            (extract(epoch FROM d.created_at) * 1000)::bigint || '.' || coalesce(max(c.id), 0) AS token_generation
       FROM devices d LEFT JOIN device_credentials c ON c.device_id = d.id
      WHERE $1::text[] IS NULL OR d.id = ANY ($1)
      GROUP BY d.id`,
    [ids],
  );
  return rows.map(({ rate_limit, secrets, token_generation, ...device }) => ({
    ...device,
    rateLimit: rate_limit,
    tokenGeneration: token_generation,
    secrets: secrets.slice(0, MAX_SECRETS),
  }));
}

/** The devices with these secrets, without revoked ones. @param sha256s of the secrets, in hex */
export async function selectDeviceIdsBySecret(pool: Pool, sha256s: readonly string[]): Promise<string[]> {
  if (sha256s.length === 0) return [];
  const { rows } = await pool.query<{ device_id: string }>(
    "SELECT device_id FROM device_credentials WHERE secret_sha256 = ANY ($1) AND revoked_at IS NULL",
    [sha256s.map((sha256) => Buffer.from(sha256, "hex"))],
  );
  return rows.map(({ device_id }) => device_id);
}

interface AccountRow {
  id: string;
  active: boolean;
  secrets: string[];
  filters: { publish?: string[]; subscribe?: string[] };
  expires_at: Date | null;
}

/** Service accounts: those with the given ids; null: all. */
export async function selectAccounts(pool: Pool, ids: string[] | null): Promise<AccountCredentials[]> {
  const { rows } = await pool.query<AccountRow>(
    `SELECT id, active, array_remove(ARRAY[encode(secret_sha256, 'hex'), encode(previous_sha256, 'hex')], NULL) AS secrets, filters, expires_at
       FROM service_accounts WHERE $1::text[] IS NULL OR id = ANY ($1)`,
    [ids],
  );
  return rows.map(({ filters, expires_at: expires, ...account }) => ({
    ...account,
    expiresAt: expires?.getTime(),
    publish: filters.publish ?? [],
    subscribe: filters.subscribe ?? [],
  }));
}
