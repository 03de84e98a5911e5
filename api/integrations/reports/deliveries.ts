import type { Pool } from "pg";
import type { ReportKind } from "../../resources/analytics/reports.ts";

/** A mail that this relay has, and nobody else until its lease ends. */
export interface ClaimedReport {
  id: number;
  /** names the mail to its receiver, the same at each attempt */
  key: string;
  claim: string;
  scheduleId: number;
  name: string;
  report: ReportKind;
  filters: Record<string, string>;
  format: "csv" | "json";
  recipient: string;
  from: Date;
  to: Date;
  createdAt: Date;
  /** this one included */
  attempts: number;
  /** since the first attempt, milliseconds */
  waitingMs: number;
}

/** What became of an attempt. `response`: what the other side said, or why nothing is sent. */
export type ReportOutcome =
  | { state: "sent" | "failed"; response: string }
  | { state: "waiting"; response: string; retryMs: number };

/** Takes mails that are due. A lease that has ended is taken by another: its relay was killed, or cut off from Postgres. */
export async function claimReports(pool: Pool, limit: number, leaseMs: number): Promise<ClaimedReport[]> {
  const { rows } = await pool.query<ClaimedReport>({
    name: "claim_reports",
    text: `WITH free AS MATERIALIZED (
        SELECT id FROM report_deliveries WHERE state = 'waiting' AND try_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())
        ORDER BY try_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
      ), claimed AS (
        UPDATE report_deliveries SET claim = gen_random_uuid(), claimed_until = now() + make_interval(secs => $2::float8 / 1000),
          attempts = attempts + 1, first_tried = coalesce(first_tried, now()), last_tried = now()
        WHERE id IN (SELECT id FROM free) RETURNING *
      )
      SELECT d.id, d.key, d.claim, d.recipient, d.from_at AS "from", d.due_at AS "to", d.attempts, d.created_at AS "createdAt",
        extract(epoch FROM now() - d.first_tried)::float8 * 1000 AS "waitingMs", s.id AS "scheduleId", s.name, s.report, s.filters, s.format
      FROM claimed d JOIN report_schedules s ON s.id = d.schedule_id ORDER BY d.try_at, d.id`,
    values: [limit, leaseMs],
  });
  return rows;
}

/** Writes what became of an attempt; nothing by a relay that has lost its lease. @returns whether it was written */
export async function recordReport(pool: Pool, { id, claim }: ClaimedReport, outcome: ReportOutcome): Promise<boolean> {
  const { rowCount } = await pool.query({
    name: "record_report",
    text: `UPDATE report_deliveries SET state = $3::text, response = $4, claim = NULL, claimed_until = NULL,
        sent_at = CASE WHEN $3 = 'sent' THEN now() END,
        try_at = CASE WHEN $5::float8 IS NULL THEN try_at ELSE now() + make_interval(secs => $5::float8 / 1000) END
      WHERE id = $1 AND claim = $2::uuid`,
    values: [id, claim, outcome.state, outcome.response, outcome.state === "waiting" ? outcome.retryMs : null],
  });
  return rowCount === 1;
}
