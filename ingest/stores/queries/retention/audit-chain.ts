import type { Pool } from "pg";

/** Gives entries of the audit their place in its chain of hashes, at most `limit`. @returns how many */
export async function chainAudit(pool: Pool, limit: number): Promise<number> {
  const { rows } = await pool.query<{ chained: number }>("SELECT chain_audit($1) AS chained", [limit]);
  return rows[0]!.chained;
}

/** Deletes the oldest entries of the audit past their days, at most `limit`. @returns how many */
export async function forgetAudit(pool: Pool, limit: number, days: number): Promise<number> {
  const { rows } = await pool.query<{ deleted: number }>(
    "SELECT forget_audit(now() - make_interval(days => $2), $1) AS deleted",
    [limit, days],
  );
  return rows[0]!.deleted;
}
