import type { Pool } from "pg";
import type { AuditRow } from "../../http/audit-queries.ts";

/** Newest first. */
export async function listAudit(
  pool: Pool,
  filter: { before: number | undefined; actor: string | undefined; limit: number },
): Promise<AuditRow[]> {
  const { rows } = await pool.query<AuditRow>(
    `SELECT id, at, actor, action, subject, outcome, detail FROM audit
    WHERE ($1::bigint IS NULL OR id < $1) AND ($2::text IS NULL OR actor = $2) ORDER BY id DESC LIMIT $3`,
    [filter.before, filter.actor, filter.limit],
  );
  return rows;
}
