import type { PoolClient } from "pg";
import type { Reader } from "../../../auth/limits.ts";

/** Tokens that are remembered as ended: each is good for an hour, and most are never given back. */
const MAX_ENDED = 100_000;

export async function isTokenEnded(db: Reader, id: string): Promise<boolean> {
  const { rows } = await db.query({
    name: "epcis_ended_page_token",
    text: "SELECT FROM epcis_ended_page_tokens WHERE id = $1",
    values: [id],
  });
  return rows.length > 0;
}

/** Ends a token before its time. @returns false: too many are remembered, and it stays good until it expires */
export async function endToken(client: PoolClient, id: string, expiresAt: Date): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO epcis_ended_page_tokens (id, expires_at)
     SELECT $1::uuid, $2::timestamptz WHERE (SELECT count(*) FROM (SELECT FROM epcis_ended_page_tokens LIMIT ${MAX_ENDED}) AS ended) < ${MAX_ENDED}
     ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at`,
    [id, expiresAt],
  );
  return rowCount === 1;
}
