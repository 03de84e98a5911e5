import type { Pool } from "pg";
import { transaction } from "../../../ingest/decisions/record-facts.ts";
import { nextDue, previousDue, type ReportTimes } from "../../../ingest/domain/analytics/report-times.ts";

/** Schedules that are handled at once. */
const BATCH_SIZE = 20;

interface DueSchedule extends ReportTimes {
  id: number;
  dueAt: number;
  recipients: string[];
}

/**
 * Makes the mails of reports that are due, and sets when each is due next, in one transaction: of each due time there is one mail to
 * each recipient, whenever a relay is killed and however many run. What came due while no relay ran is sent, too.
 * @returns how many schedules were due
 */
export async function planReports(pool: Pool): Promise<number> {
  // Mostly there is nothing: that takes no lock and no transaction.
  const { rows: some } = await pool.query({
    name: "look_for_due_reports",
    text: "SELECT FROM report_schedules WHERE enabled AND next_due_at <= now() LIMIT 1",
  });
  if (some.length === 0) return 0;
  return transaction(pool, async (client) => {
    const { rows } = await client.query<DueSchedule>(
      `SELECT id, frequency, weekday, month_day AS "monthDay", hour, time_zone AS zone, recipients,
        round(extract(epoch FROM next_due_at) * 1000)::float8 AS "dueAt"
      FROM report_schedules WHERE enabled AND next_due_at <= now() ORDER BY next_due_at LIMIT $1 FOR UPDATE SKIP LOCKED`,
      [BATCH_SIZE],
    );
    for (const schedule of rows) {
      const { id, dueAt, recipients } = schedule;
      await client.query(
        `INSERT INTO report_deliveries (schedule_id, due_at, from_at, recipient)
        SELECT $1, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), r FROM jsonb_array_elements_text($4::jsonb) r
        ON CONFLICT (schedule_id, due_at, recipient) DO NOTHING`,
        [id, dueAt, previousDue(schedule, dueAt), JSON.stringify(recipients)],
      );
      // Not a change of the schedule: its version stays.
      await client.query("UPDATE report_schedules SET next_due_at = to_timestamp($2::float8 / 1000) WHERE id = $1", [
        id,
        nextDue(schedule, dueAt),
      ]);
    }
    return rows.length;
  });
}
