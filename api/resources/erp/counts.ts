import type { Pool } from "pg";

export interface ErpCounts {
  /** id of the connection */
  connection: string;
  /** 1 while it is turned on and cannot be kept in step */
  failing: number;
  /** documents that are to be made there */
  waiting: number;
  /** since when the oldest of them waits, seconds */
  lagSeconds: number;
  /** what waits for a person */
  conflicts: number;
}

/** How each connection is. */
export async function countErp(pool: Pool): Promise<ErpCounts[]> {
  const { rows } = await pool.query<ErpCounts>({
    name: "count_erp",
    text: `SELECT e.id::text AS connection, (e.enabled AND e.failing_since IS NOT NULL)::int AS failing, w.waiting, w."lagSeconds",
        (SELECT count(*)::int FROM erp_conflicts c WHERE c.connection_id = e.id AND c.state = 'open') AS conflicts
      FROM erp_connections e CROSS JOIN LATERAL (
        SELECT count(*)::int AS waiting, coalesce(extract(epoch FROM now() - min(d.created_at)), 0)::float8 AS "lagSeconds"
        FROM erp_documents d WHERE d.connection_id = e.id AND d.direction = 'out' AND d.state IN ('waiting', 'reversing')) w`,
  });
  return rows;
}
