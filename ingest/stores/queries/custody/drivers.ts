import type { Pool, PoolClient } from "pg";
import type { DriversByToken } from "../../../domain/custody/drivers.ts";

/** The drivers that these tokens are of. */
export async function loadDriversByToken(
  client: Pool | PoolClient,
  tokens: ReadonlySet<string>,
): Promise<DriversByToken> {
  if (tokens.size === 0) return new Map();
  const { rows } = await client.query<{ token: string; id: number; name: string }>({
    name: "drivers_by_token",
    text: "SELECT token, id, name FROM drivers WHERE token = ANY ($1::text[])",
    values: [[...tokens]],
  });
  return new Map(rows.map(({ token, id, name }) => [token, { id, name }]));
}
