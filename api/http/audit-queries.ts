import type { Pool, PoolClient } from "pg";

export interface AuditRow {
  id: number;
  at: Date;
  actor: string;
  action: string;
  subject: string | null;
  outcome: "done" | "refused";
  detail: unknown;
}

export type NewAudit = Pick<AuditRow, "actor" | "action" | "subject" | "outcome" | "detail">;

export async function addAudit(db: Pool | PoolClient, entry: NewAudit): Promise<void> {
  await db.query({
    name: "api_audit",
    text: "INSERT INTO audit (actor, action, subject, outcome, detail) VALUES ($1, $2, $3, $4, $5)",
    values: [entry.actor, entry.action, entry.subject, entry.outcome, entry.detail],
  });
}

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
