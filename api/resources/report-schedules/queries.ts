import type { Pool, PoolClient } from "pg";
import type { Reader } from "../../auth/limits.ts";
import { found } from "../../http/problem.ts";
import type { Versioned } from "../../http/response.ts";
import type { ReportDelivery, ReportSchedule } from "./schema.ts";

const SCHEDULE = `SELECT s.id, s.name, s.enabled, s.report, s.filters, s.frequency, s.weekday, s.month_day, s.hour, s.time_zone, s.recipients,
    s.format, s.next_due_at, s.created_at, s.updated_at, s.version,
    (SELECT max(sent_at) FROM report_deliveries d WHERE d.schedule_id = s.id) AS last_sent_at,
    (SELECT count(*)::integer FROM report_deliveries d WHERE d.schedule_id = s.id AND d.state = 'waiting') AS waiting,
    (SELECT CASE WHEN d.state <> 'sent' THEN d.response END FROM report_deliveries d
      WHERE d.schedule_id = s.id AND d.attempts > 0 ORDER BY d.last_tried DESC, d.id DESC LIMIT 1) AS last_error
  FROM report_schedules s`;

export async function listReportSchedules(
  pool: Pool,
  after: number | undefined,
  limit: number,
): Promise<Versioned<ReportSchedule>[]> {
  const { rows } = await pool.query<Versioned<ReportSchedule>>(`${SCHEDULE} WHERE s.id > $1 ORDER BY s.id LIMIT $2`, [
    after ?? 0,
    limit,
  ]);
  return rows;
}

/** @throws Problem 404 */
export async function getReportSchedule(db: Reader, id: number): Promise<Versioned<ReportSchedule>> {
  const { rows } = await db.query<Versioned<ReportSchedule>>(`${SCHEDULE} WHERE s.id = $1`, [id]);
  return found(rows[0], "report schedule");
}

/** The newest first. */
export async function listReportDeliveries(
  pool: Pool,
  scheduleId: number,
  before: number | undefined,
  limit: number,
): Promise<ReportDelivery[]> {
  const { rows } = await pool.query<ReportDelivery>(
    `SELECT id, schedule_id, recipient, from_at AS "from", due_at, state, attempts, last_tried AS attempted_at, sent_at, response, created_at
    FROM report_deliveries WHERE schedule_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`,
    [scheduleId, before ?? Number.MAX_SAFE_INTEGER, limit],
  );
  return rows;
}

/** Mails that wait are not sent to those who are no recipients any more. */
export async function cancelForOthers(
  client: PoolClient,
  scheduleId: number,
  recipients: readonly string[],
  reason: string,
): Promise<void> {
  await client.query(
    `UPDATE report_deliveries SET state = 'cancelled', claim = NULL, claimed_until = NULL, response = $3
    WHERE schedule_id = $1 AND state = 'waiting' AND recipient NOT IN (SELECT jsonb_array_elements_text($2::jsonb))`,
    [scheduleId, JSON.stringify(recipients), reason],
  );
}
