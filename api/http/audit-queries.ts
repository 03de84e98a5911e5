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

export type NewAuditEntry = Pick<AuditRow, "actor" | "action" | "subject" | "outcome" | "detail">;

export async function addAuditEntry(db: Pool | PoolClient, entry: NewAuditEntry): Promise<void> {
  await db.query({
    name: "api_audit",
    text: "INSERT INTO audit (actor, action, subject, outcome, detail) VALUES ($1, $2, $3, $4, $5)",
    values: [entry.actor, entry.action, entry.subject, entry.outcome, entry.detail],
  });
}
